"""Export and import: from one archive into another, and what a hostile tar can do (nothing)."""

import hashlib
import io
import json
import random
import subprocess
import tarfile

import images
from rigd import Rig, expect, slot

MIB = 1 << 20


def rig_of(contents):
    rig = Rig()
    rig.configure("".join(slot(s, target="nor", chip="EF4014", image=rig.image(s, c), unique_id=f"{n:016X}")
                          for n, (s, c) in enumerate(contents.items(), 1)))
    return rig


def export(rig, query):
    reply = rig.ask("GET", f"/api/v1/archive/export?{query}")
    expect(reply.status == 200 and reply.headers["content-type"] == "application/x-tar", reply.status, reply.body[:300])
    return reply.body


def send(rig, tar, token=None):
    headers = {"Content-Type": "application/x-tar", **({"Authorization": f"Bearer {token}"} if token else {})}
    return rig.ask("POST", "/api/v1/archive/import", tar, headers, raw=True)


def taken(rig, tar):
    reply = send(rig, tar)
    expect(reply.status == 200, reply.status, reply.body[:400])
    return reply.json


def files(tar):
    with tarfile.open(fileobj=io.BytesIO(tar)) as t:
        return {m.name: t.extractfile(m).read() for m in t if m.isfile()}


def pack(entries, kind=tarfile.USTAR_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as t:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            t.addfile(info, io.BytesIO(content))
    return out.getvalue()


def known(dump):
    """What of a dump goes with it into another archive."""
    return {k: dump[k] for k in ("jedec_id", "chip", "offset", "size", "complete", "crc32", "sha256", "verified", "unstable", "created_at", "label", "notes", "tags")}


def test_archive_goes_into_another_one_and_is_the_same_there():
    contents = {"a": images.noise(MIB, 80), "b": images.noise(MIB, 81)}
    with rig_of(contents) as one, Rig() as other:
        a, b = (one.backup(s, label=s)["result"] for s in "ab")
        part = one.backup("a", offset=0x1000, length=0x2345)["result"]["dump"]
        one.api("PATCH", f"/dumps/{a['dump']}", {"label": "Tür, vorn", "notes": "two\nlines", "tags": ["factory", "door"]})
        one.api("PATCH", f"/devices/{a['device']}", {"label": "door", "notes": "n", "tags": ["x"]})
        tar = export(one, "all=1")
        inside = files(tar)
        names = list(inside)
        expect(names[0] == "flashrig.json" and len(names) == 7 and all(n.endswith((".bin", ".json")) for n in names), names)
        for n in names[1::2]:
            side = json.loads(inside[n[:-4] + ".json"])
            expect(hashlib.sha256(inside[n]).hexdigest() == side["dump"]["sha256"] and side["file"] == n, side)
        expect(taken(other, tar) == {"imported": 3, "known": 0, "devices": 2, "rejected": []})
        expect(taken(other, tar) == {"imported": 0, "known": 3, "devices": 0, "rejected": []}, "the second time nothing is new")
        old, new = ([known(d) for d in r.api("GET", "/dumps")["dumps"]] for r in (one, other))
        expect(old == new, old, new)
        devices = other.api("GET", "/devices")["devices"]
        wanted = one.api("GET", "/devices")["devices"]
        for d, w in zip(devices, wanted):
            expect({k: v for k, v in d.items() if k != "id"} == {k: v for k, v in w.items() if k != "id"}, d, w)
        for d in other.api("GET", "/dumps")["dumps"]:
            expect(d["source"] == "import" and d["slot"] is None and d["job"] is None, d)
            expect(hashlib.sha256(other.content(d["id"]).body).hexdigest() == d["sha256"])
        expect(files(export(one, f"device={b['device']}")).keys() - {"flashrig.json"} == set(names[3:5]), "those of a device")
        some = files(export(one, f"dump={part},{a['dump']},{part}"))
        expect(list(some) == ["flashrig.json", *names[1:3], *names[5:7]], list(some))
        side = one.ask("GET", f"/api/v1/dumps/{part}/sidecar")
        expect(side.json["dump"]["offset"] == 0x1000 and ".json" in side.headers["content-disposition"], side.body)
        expect(files(export(one, "")).keys() == inside.keys(), "all without a word")
        for bad in ("dump=1&all=1", "dump=1&device=1", "dump=x", "dump=1,,2", "dump=0", "device=0"):
            one.error("GET", f"/archive/export?{bad}", 400, "bad-request")
        one.error("GET", "/archive/export?dump=1,99", 422, "unprocessable")
        one.error("GET", "/archive/export?device=99", 422, "unprocessable")
        one.error("GET", "/dumps/99/sidecar", 404, "not-found")


def test_import_joins_devices_that_are_here_already():
    content = images.noise(MIB, 82)
    with rig_of({"a": content}) as one, rig_of({"a": images.noise(MIB, 83)}) as other:
        one.backup("a")
        here = other.backup("a")["result"]["device"]
        one.api("PATCH", "/devices/1", {"label": "named there", "tags": ["t"]})
        expect(taken(other, export(one, "all=1")) == {"imported": 1, "known": 0, "devices": 0, "rejected": []})
        device = other.api("GET", f"/devices/{here}")
        expect(device["dumps"] == 2 and device["label"] == "named there" and device["tags"] == ["t"], device)


def test_sidecar_is_believed_only_about_its_own_bytes():
    with rig_of({"a": images.noise(MIB, 84)}) as one, Rig() as other:
        one.backup("a")
        front, binary, side = files(export(one, "all=1")).items()
        wrong = (binary[0], binary[1][:-1] + bytes([binary[1][-1] ^ 1]))
        answer = taken(other, pack([front, wrong, side]))
        expect(answer["imported"] == 0 and answer["rejected"][0]["name"] == binary[0] and "not those" in answer["rejected"][0]["reason"], answer)
        for change in ({"sha256": "00"}, {"created_at": "2999-01-01"}, {"created_at": None}, {"label": 5}, {"size": -1}, {"tags": ["a", "a"]}, {"jedec_id": "XX"},
                       {"unstable": [{"offset": 0, "length": 2 * MIB}]}, {"unstable": [{"offset": 5, "length": 1}, {"offset": 5, "length": 1}]}, {"notes": "x" * 3000}):
            data = json.loads(side[1])
            data["dump"].update(change)
            answer = taken(other, pack([binary, (side[0], json.dumps(data).encode())]))
            expect(answer["imported"] == 0 and len(answer["rejected"]) == 1, change, answer)
        for text in (b"", b"{", b"[]", b"null", b'{"flashrig":2}', b'{"flashrig":1}', b"\xff" * 100, b'{"flashrig":1,"dump":{}}'):
            answer = taken(other, pack([binary, (side[0], text)]))
            expect(answer["imported"] == 0 or not text, text, answer)
        expect(other.api("GET", "/dumps")["dumps"][1:] == [])


def test_bare_files_of_a_tar_are_imported_by_their_names():
    tars = [pack([("old/lamp.bin", b"lamp" * 3000), ("readme.txt", b"x"), ("old/plug.bin", b"plug" * 2000), ("alone.json", b"{}"), ("empty.bin", b"")], kind)
            for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)]
    with Rig() as rig:
        first = taken(rig, tars[0])
        expect(first["imported"] == 2 and [r["name"] for r in first["rejected"]] == ["readme.txt", "alone.json", "empty.bin"], first)
        for tar in tars[1:]:
            expect(taken(rig, tar)["known"] == 2)
        expect([(d["label"], d["verified"]) for d in rig.api("GET", "/dumps")["dumps"]] == [("plug", False), ("lamp", False)])


def test_verified_is_believed_of_an_admin_only():
    with rig_of({"a": images.noise(MIB, 85)}) as one:
        one.backup("a")
        tar = export(one, "all=1")
    for scope, verified in (("operate", False), ("admin", True)):
        with Rig(http="require_token = yes") as other:
            token = subprocess.run([other.program, "--config", other.config, "--data", other.data, "token", "add", scope, "--scope", scope],
                                   capture_output=True, text=True, check=True).stdout.strip()
            expect(send(other, tar, token).json["imported"] == 1)
            reply = other.ask("GET", "/api/v1/dumps", headers={"Authorization": f"Bearer {token}"})
            expect(reply.json["dumps"][0]["verified"] is verified, scope)


def test_hostile_tars_do_nothing():
    with rig_of({"a": images.noise(64 << 10, 86) + b"\xff" * (MIB - (64 << 10))}) as rig:
        rig.backup("a")
        good = export(rig, "all=1")
        before = rig.api("GET", "/dumps")["dumps"]
        link = tarfile.TarInfo("evil.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as t:
            t.addfile(link)
        expect(taken(rig, out.getvalue())["rejected"] == [{"name": "evil.bin", "reason": "it is no file"}])
        expect(taken(rig, pack([("../../../etc/cron.d/x.json", b"{}"), ("/abs.txt", b"x")]))["imported"] == 0)
        for bad in (b"", b"\0" * 100, b"not a tar" * 200, good[:700], good[:-1024 - 600], b"\x1f\x8b" + bytes(1022)):
            reply = send(rig, bad)
            expect(reply.status == 400, len(bad), reply.status, reply.body)
        chance = random.Random(87)
        for _ in range(30):
            data = bytearray(good)
            for _ in range(chance.randrange(1, 6)):
                data[chance.choice((chance.randrange(4096), len(data) - 1 - chance.randrange(4096)))] = chance.randrange(256)
            expect(send(rig, bytes(data)).status in (200, 400, 422))
        expect([d for d in rig.api("GET", "/dumps")["dumps"] if d["id"] in {b["id"] for b in before}] == before)
        expect(rig.api("GET", "/info")["name"])
        newer = pack([("flashrig.json", b'{"flashrig": 7}')])
        expect(send(rig, newer).json["error"]["code"] == "unprocessable" and "newer version" in send(rig, newer).json["error"]["hint"])


def test_import_may_be_larger_than_an_upload_but_no_dump_in_it():
    with Rig(http="max_upload = 64K") as rig:
        tar = pack([(f"d{n}.bin", images.noise(40 << 10, 90 + n)) for n in range(4)] + [("large.bin", images.noise(65 << 10, 99))])
        answer = taken(rig, tar)
        expect(answer["imported"] == 4 and answer["rejected"][0]["name"] == "large.bin", answer)


def test_a_file_is_looked_up_as_it_is():
    content = images.noise(MIB, 88)
    with rig_of({"a": content}) as rig:
        dump = rig.backup("a")["result"]["dump"]
        raw = {"Content-Type": "application/octet-stream"}
        answer = rig.ask("POST", "/api/v1/dumps/lookup", content, raw, raw=True).json
        expect([d["id"] for d in answer["dumps"]] == [dump] and answer["images"] == [], answer)
        expect(rig.ask("POST", "/api/v1/dumps/lookup", content[1:], raw, raw=True).json == {"dumps": [], "images": []})
        rig.error("POST", "/dumps/lookup", 400, "bad-request", b"", raw, raw=True)
        expect(len(rig.api("GET", "/dumps")["dumps"]) == 1, "nothing of it is kept")


def test_two_dumps_are_compared_to_the_byte():
    old = images.noise(MIB, 89)
    new = bytearray(old)
    for at in (0x5000, 0x5fff, 0x6000, 0x80123):
        new[at] ^= 0xff
    with rig_of({"old": old, "new": bytes(new)}) as rig:
        a, b = (rig.backup(s)["result"]["dump"] for s in ("old", "new"))
        part = rig.backup("old", offset=0, length=0x5003)["result"]["dump"]
        path = f"/dumps/{a}/diff/{b}/bytes"
        expect(rig.api("GET", path)["ranges"] == [{"offset": 0x5000, "length": 1}, {"offset": 0x5fff, "length": 2}])
        expect(rig.api("GET", f"{path}?offset=0x6000&length=1")["ranges"] == [{"offset": 0x6000, "length": 1}])
        expect(rig.api("GET", f"{path}?offset=0x80124&length=0x10000")["ranges"] == [])
        expect(rig.api("GET", f"/dumps/{a}/diff/{part}/bytes?offset=0x5001&length=4")["ranges"] == [{"offset": 0x5003, "length": 2}])
        expect(rig.api("GET", f"/dumps/{a}/diff/{a}/bytes")["ranges"] == [])
        rig.error("GET", f"{path}?length=65537", 400, "bad-request")
        rig.error("GET", f"{path}?offset={MIB}", 416, "bad-range")
        rig.error("GET", f"/dumps/{a}/diff/99/bytes", 404, "not-found")
