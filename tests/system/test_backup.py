"""Backups: what is archived is what the chip holds."""

import hashlib
import zlib

import images
from rigd import Events, Rig, expect, slot


def check_dump(rig, job, content):
    r = job["result"]
    sha, crc = hashlib.sha256(content).hexdigest(), f"{zlib.crc32(content):08X}"
    expect(r["sha256"] == sha, "job's SHA-256", r["sha256"])
    expect(r["crc32"] == crc, "job's CRC-32", r["crc32"])
    expect(r["verified"] is True and r["size"] == len(content) and r["offset"] == 0, r)
    dump = rig.api("GET", f"/dumps/{r['dump']}")
    expect(dump["sha256"] == sha and dump["crc32"] == crc and dump["size"] == len(content), dump)
    expect(dump["verified"] and dump["complete"] and dump["source"] == "spi", dump)
    expect(dump["job"] == job["id"] and dump["slot"] == job["slot"], dump)
    expect(rig.content(dump["id"]).body == content, "the download differs from the chip")
    return dump


def test_backup_of_a_generated_doorbell_is_its_content():
    content = images.doorbell()
    rig = Rig()
    rig.configure(slot("door", target="bk7252", chip="XT25F32B", entry_success=0.03,
                       image=rig.image("door.bin", content), unique_id="0102030405060708"))
    with rig:
        job = rig.backup("door", label="as bought")
        dump = check_dump(rig, job, content)
        expect(dump["jedec_id"] == "0B4016" and dump["label"] == "as bought", dump)
        expect(job["result"]["entry"]["attempts"] > 1, job["result"]["entry"])
        expect(dump["device"] == rig.api("GET", "/devices")["devices"][0]["id"], dump)
        expect(rig.api("GET", "/slots/door")["chip"]["jedec_id"] == "0B4016")


def test_backup_of_every_size_is_its_content():
    rig = Rig()
    sizes = {"C84011": 128, "EF4014": 1024, "1C7015": 2048, "EF4018": 16384}
    contents = {c: images.noise(kib * 1024 - 777, kib) + b"\xff" * 777 for c, kib in sizes.items()}
    rig.configure("".join(slot(f"s{c}", target="nor", chip=c, image=rig.image(c, contents[c])) for c in sizes))
    with rig:
        jobs = {c: rig.submit("backup", f"s{c}") for c in sizes}
        for c, job in jobs.items():
            check_dump(rig, rig.wait(job), contents[c])


def test_backup_of_the_real_doorbell_firmware_is_its_content():
    app = images.real("OpenBK7252_QIO_1.18.300.bin")
    if not app:
        return "the real images are not here"
    content = images.doorbell(app)
    rig = Rig()
    rig.configure(slot("door", target="bk7252", chip="0B4016", entry_success=0.1, image=rig.image("d", content)))
    with rig:
        check_dump(rig, rig.backup("door"), content)


def test_backup_of_the_real_sister_dumps_shares_their_sectors():
    contents = [images.real(f"tuya_bk7231n_switch_{n}.bin") for n in (8044, 8046)]
    if not all(contents):
        return "the real images are not here"
    rig = Rig()
    rig.configure("".join(slot(f"s{i}", target="bk7231n", chip="1C7015", entry_success=0.2,
                               image=rig.image(f"i{i}", c)) for i, c in enumerate(contents)))
    with rig:
        dumps = [check_dump(rig, rig.backup(f"s{i}"), c) for i, c in enumerate(contents)]
        expect(dumps[1]["stored_bytes"] < dumps[0]["stored_bytes"] / 10, [d["stored_bytes"] for d in dumps])
        totals = rig.api("GET", "/archive")
        expect(totals["dumps"] == 2 and totals["bytes_logical"] == 4 << 20, totals)
        expect(totals["bytes_stored"] < 0.3 * totals["bytes_logical"], totals)
        expect(dumps[0]["device"] != dumps[1]["device"], "two boards with two MACs are two devices")
        macs = {d["mac"] for d in rig.api("GET", "/devices")["devices"]}
        expect(macs == {"10:5A:17:F3:D6:37", "10:5A:17:F5:6D:6F"}, macs)


def test_second_backup_of_a_board_is_the_same_device():
    content = images.noise(1 << 20, 4)
    rig = Rig()
    rig.configure(slot("a", target="nor", chip="EF4014", image=rig.image("i", content)))
    with rig:
        first, second = rig.backup("a")["result"], rig.backup("a")["result"]
        expect(first["device"] == second["device"] and first["dump"] != second["dump"], first, second)
        expect(rig.api("GET", "/devices")["devices"][0]["dumps"] == 2)


def test_part_of_a_chip_can_be_backed_up():
    content = images.noise(1 << 20, 9)
    rig = Rig()
    rig.configure(slot("a", target="nor", chip="EF4014", image=rig.image("i", content)))
    with rig:
        r = rig.backup("a", offset="0x11000", length=70001)["result"]
        expect(r["offset"] == 0x11000 and r["size"] == 70001, r)
        expect(rig.content(r["dump"]).body == content[0x11000:0x11000 + 70001])
        expect(rig.api("GET", f"/dumps/{r['dump']}")["complete"] is False)


def test_downloads_can_be_resumed_and_are_named():
    content = images.noise(1 << 20, 10)
    rig = Rig()
    rig.configure(slot("a", target="nor", chip="EF4014", image=rig.image("i", content)))
    with rig:
        dump = rig.backup("a")["result"]["dump"]
        whole = rig.content(dump)
        tag = whole.headers["etag"]
        expect(hashlib.sha256(content).hexdigest() in tag, tag)
        expect("attachment" in whole.headers["content-disposition"] and ".bin" in whole.headers["content-disposition"])
        part = rig.content(dump, {"Range": "bytes=1000-1999"})
        expect(part.status == 206 and part.body == content[1000:2000], part.status)
        expect(part.headers["content-range"] == f"bytes 1000-1999/{len(content)}", part.headers)
        tail = rig.content(dump, {"Range": "bytes=-5"})
        expect(tail.status == 206 and tail.body == content[-5:])
        open_end = rig.content(dump, {"Range": "bytes=1048570-"})
        expect(open_end.status == 206 and open_end.body == content[1048570:])
        past = rig.content(dump, {"Range": "bytes=1048576-"})
        expect(past.status == 416 and past.json["error"]["code"] == "bad-range", past.status)
        expect(rig.content(dump, {"If-None-Match": tag}).status == 304)
        slice_ = rig.content(dump, query="?offset=0x100&length=16")
        expect(slice_.status == 200 and slice_.body == content[256:272], slice_.status)
        head = rig.ask("HEAD", f"/api/v1/dumps/{dump}/content")
        expect(head.status == 200 and head.headers["content-length"] == str(len(content)) and not head.body)


def test_browser_sees_it_happen():
    rig = Rig(slot("a", target="nor", chip="1C7015", speed=1, spi_hz=20000000))
    with rig:
        events = Events(rig)
        first, type_, data = events.next()
        expect(type_ == "snapshot" and [s["name"] for s in data["slots"]] == ["a"], type_, data)
        job = rig.submit("backup", "a")
        seen, states, last = [], [], first
        while "done" not in states:
            id_, type_, data = events.next()
            expect(id_ > last, "event ids must rise", last, id_)
            last = id_
            seen.append(type_)
            if type_ == "job" and data["id"] == job:
                states.append(data["state"])
                if data["state"] == "running" and data["progress"]:
                    seen.append(data["phase"])
        expect(states[0] == "queued" and "running" in states, states)
        expect("dump" in seen and "slot" in seen and "read" in seen and "verify" in seen, seen)
        events.close()
        again = Events(rig, last=first)
        id_, type_, data = again.next()
        expect(type_ != "snapshot" and id_ == first + 1, "a resume goes on with the next event", id_, type_)
        again.close()
        strange = Events(rig, last=last + 1000000)
        expect(strange.next()[1] == "snapshot", "an unknown id gets a snapshot")
        strange.close()


def test_noise_on_the_bus_never_makes_a_wrong_dump():
    content = images.noise(1 << 20, 12)
    rig = Rig()
    image = rig.image("i", content)
    faults = ["flip=1e-6", "flip=1e-5 short=0.002", "short=0.02", "drop=0.0005", "flip=3e-4"]
    rig.configure("".join(slot(f"s{n}", target="nor", chip="EF4014", image=image, faults=f"seed={n} {f}")
                          for n, f in enumerate(faults * 3)))
    with rig:
        jobs = [rig.wait(rig.submit("backup", f"s{n}")) for n in range(len(faults) * 3)]
        for job in jobs:
            expect(job["state"] in ("done", "failed"), job)
            if job["state"] == "failed":
                expect(job["error"]["code"] in ("unstable-read", "io", "no-chip", "unknown-chip"), job["error"])
                expect(job["error"]["message"], job)
                if job["result"] and job["result"].get("dump"):
                    expect(not rig.api("GET", f"/dumps/{job['result']['dump']}")["verified"])
                continue
            expect(rig.content(job["result"]["dump"]).body == content, "a verified dump is wrong", job)
        expect(any(j["state"] == "done" for j in jobs), "no job got through the noise")
