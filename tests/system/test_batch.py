"""One request, many boards: each has its own fate, and the totals are right."""

import csv
import io

import images
from rigd import Events, Rig, expect, slot

MIB = 1 << 20


def bare(name, **keys):
    return slot(name, target="nor", chip="EF4014", **keys)


def upload(rig, content):
    return rig.ask("POST", "/api/v1/images?name=x", content, {"Content-Type": "application/octet-stream"}, raw=True).json["id"]


def start(rig, type_, slots, headers=None, **more):
    return rig.api("POST", "/batches", {"type": type_, "slots": slots, **more}, headers, 202)


def wait(rig, batch):
    for job in rig.api("GET", f"/batches/{batch}")["jobs"]:
        rig.wait(job)
    b = rig.api("GET", f"/batches/{batch}")
    expect(b["state"] == "done" and b["queued"] == b["running"] == 0 and b["finished_at"], b)
    return b


def test_batch_writes_every_board_and_one_failure_stops_no_other():
    image = images.noise(300000, 4)
    with Rig(bare("a", unique_id="0000000000000001") + bare("dead", faults="die_after=1") + bare("c", unique_id="0000000000000003")) as rig:
        number = upload(rig, image)
        b = start(rig, "write", ["a", "dead", "c"], image=number, offset=4096, label="first three")
        expect(b["id"] == 1 and len(b["jobs"]) == 3 and b["label"] == "first three" and b["total"] == 3, b)
        expect(b["request"] == {"image": number, "offset": 4096} and b["hands_free"] is False and b["again_of"] is None, b)
        b = wait(rig, 1)
        expect((b["total"], b["done"], b["failed"], b["cancelled"], b["interrupted"]) == (3, 2, 1, 0, 0), b)
        jobs = [rig.api("GET", f"/jobs/{j}") for j in b["jobs"]]
        expect([j["slot"] for j in jobs] == ["a", "dead", "c"] and all(j["batch"] == 1 for j in jobs), jobs)
        expect([j["state"] for j in jobs] == ["done", "failed", "done"], jobs)
        for name in "ac":
            content = rig.content(rig.backup(name)["result"]["dump"]).body
            expect(content == b"\xff" * 4096 + image + b"\xff" * (MIB - 4096 - len(image)), name)
        expect([j["id"] for j in rig.api("GET", "/jobs?batch=1")["jobs"]] == b["jobs"][::-1])
        rig.stop()
        rig.start()
        expect(rig.api("GET", "/batches/1") == b and rig.api("GET", "/batches") == {"batches": [b], "next": None})


def test_report_has_a_row_for_each_board():
    with Rig(bare("a") + slot("deaf", target="bk7252", chip="XT25F32B", entry_success=0, entry_timeout="2s")) as rig:
        wait(rig, start(rig, "backup", ["a", "deaf"], label="tag; \"x\"")["id"])
        report = rig.api("GET", "/batches/1/report")
        a, deaf = report["rows"]
        dump = rig.api("GET", f"/dumps/{a['dump']}")
        expect(report["id"] == 1 and report["done"] == 1 and report["failed"] == 1, report)
        expect(dump["label"] == "tag; \"x\"" and dump["sha256"] == a["sha256"] and dump["crc32"] == a["crc32"], dump, a)
        expect((a["slot"], a["jedec_id"], a["size"], a["result"], a["code"]) == ("a", "EF4014", MIB, "done", None), a)
        expect((deaf["result"], deaf["code"], deaf["sha256"]) == ("failed", "no-chip", None) and deaf["attempts"] > 10, deaf)
        expect(a["seconds"] >= 0 and deaf["message"].startswith("enter: "), report)
        reply = rig.ask("GET", "/api/v1/batches/1/report?format=csv")
        expect(reply.headers["content-type"].startswith("text/csv") and "batch-1.csv" in reply.headers["content-disposition"], reply.headers)
        rows = list(csv.DictReader(io.StringIO(reply.body.decode())))
        for row, want in zip(rows, (a, deaf), strict=True):
            expect(list(row) == list(want), list(row))
            expect(all(str("" if v is None else v) == row[k] for k, v in want.items() if k != "seconds"), row, want)
        rig.error("GET", "/batches/1/report?format=xml", 400, "bad-request")
        rig.error("GET", "/batches/2/report", 404, "not-found")


def test_batch_is_all_or_nothing():
    with Rig(bare("a") + bare("slow", speed=1), rig="max_queued = 2") as rig:
        running = rig.submit("backup", "slow")
        rig.wait_phase(running, "read")
        for _ in range(2):
            rig.submit("backup", "slow")
        e = rig.error("POST", "/batches", 429, "too-many", {"type": "identify", "slots": ["a", "slow"]})
        expect("slow" in e["message"] and e["hint"], e)
        before = len(rig.api("GET", "/jobs")["jobs"])
        for slots, word in ((["a", "nobody"], "nobody"), (["a", "a"], "twice"), ([], "at least one"), (["a"] * 65, "64")):
            e = rig.error("POST", "/batches", 422, "unprocessable", {"type": "identify", "slots": slots})
            expect(word in e["message"], e)
        rig.error("POST", "/batches", 422, "unprocessable", {"type": "write", "slots": ["a"], "image": 9})
        rig.error("POST", "/batches", 422, "unprocessable", {"type": "write", "slots": ["a"]})
        for body in ({"type": "identify"}, {"slots": ["a"]}, {"type": "identify", "slots": "a"}, {"type": "identify", "slots": [1]},
                     {"type": "identify", "slots": ["a"], "slot": "a"}, {"type": "identify", "slots": ["a"], "lable": "x"},
                     {"type": "check", "slots": ["a"]}, {"type": "identify", "slots": ["a"], "label": 7}):
            rig.error("POST", "/batches", 400, "bad-request", body)
        e = rig.error("POST", "/batches", 400, "bad-request", '{"type":"identify","slots":["a"],"slots":["b"]}',
                      {"Content-Type": "application/json"}, raw=True)
        rig.error("GET", "/batches/1", 404, "not-found")
        expect(len(rig.api("GET", "/jobs")["jobs"]) == before and rig.api("GET", "/batches")["batches"] == [])
        expect(rig.api("GET", "/slots/a")["queued"] == 0)
        expect(wait(rig, start(rig, "identify", ["a"])["id"])["done"] == 1, "the place in the queue of a is lost")
        rig.api("POST", f"/jobs/{running}/cancel", status=202)


def test_key_of_a_batch_makes_it_once():
    with Rig(bare("a") + bare("b")) as rig:
        key = {"Idempotency-Key": "xyz"}
        first = start(rig, "identify", ["a", "b"], key)
        wait(rig, first["id"])
        again = start(rig, "identify", ["a", "b"], key)
        expect(again["id"] == first["id"] and again["state"] == "done", again)
        rig.error("POST", "/batches", 409, "conflict", {"type": "identify", "slots": ["a"]}, key)
        rig.stop()
        rig.start()
        expect(start(rig, "identify", ["a", "b"], key)["id"] == first["id"])
        expect(len(rig.api("GET", "/jobs")["jobs"]) == 2)


def test_cancel_ends_what_waits_and_what_runs():
    with Rig(bare("a", speed=1) + bare("b", speed=1)) as rig:
        rig.wait_phase(rig.submit("backup", "a"), "read")
        b = start(rig, "backup", ["a", "b"])
        rig.wait_phase(b["jobs"][1], "read")
        rig.api("POST", f"/batches/{b['id']}/cancel", status=202)
        b = wait(rig, b["id"])
        expect(b["cancelled"] == 2 and b["done"] == 0, b)
        rig.error("POST", f"/batches/{b['id']}/cancel", 409, "conflict")
        rig.error("POST", "/batches/9/cancel", 404, "not-found")


def test_batch_runs_once_more():
    with Rig(bare("a") + bare("b")) as rig:
        wait(rig, start(rig, "erase", ["a", "b"], offset=0, length=8192, backup="never", label="x")["id"])
        reply = rig.ask("POST", "/api/v1/batches/1/run")
        again = reply.json
        expect(reply.status == 202 and reply.headers["location"] == "/api/v1/batches/2", reply.headers)
        expect(again["again_of"] == 1 and again["request"] == {"offset": 0, "length": 8192, "backup": "never"}, again)
        expect(again["slots"] == ["a", "b"] and again["label"] == "x", again)
        expect(wait(rig, 2)["done"] == 2)
        rig.error("POST", "/batches/7/run", 404, "not-found")


def test_followers_see_the_batch_move():
    with Rig(bare("a") + bare("b", speed=1)) as rig:
        events = Events(rig)
        expect(events.next()[2]["batches"] == [])
        b = start(rig, "backup", ["a", "b"])
        seen = []
        while not seen or seen[-1]["state"] != "done":
            _, kind, data = events.next()
            if kind == "batch":
                seen.append(data)
                if data["running"] == 1 and data["done"] == 1:
                    late = Events(rig)
                    shown = late.next()[2]["batches"]
                    expect([x["id"] for x in shown] in ([b["id"]], []), shown)
                    late.close()
        expect(seen[0]["queued"] == 2 and seen[-1]["done"] == 2 and len(seen) >= 5, seen)
        expect(seen[-1] == rig.api("GET", f"/batches/{b['id']}"))
        events.close()


def test_last_event_about_a_thing_is_how_it_is():
    """Jobs of a batch end at the same time, in threads of their own, each of which tells of the batch."""
    names = [f"s{i}" for i in range(8)]
    with Rig("".join(bare(name) for name in names)) as rig:
        events = Events(rig)
        batches = []
        for _ in range(25):
            batches.append(start(rig, "identify", names)["id"])
            wait(rig, batches[-1])
        marker = upload(rig, b"that is all")
        last = {}
        while ("image", marker) not in last:
            _, type_, data = events.next()
            last[type_, data.get("id", data.get("name"))] = data
        events.close()
        for batch in batches:
            expect(last["batch", batch] == rig.api("GET", f"/batches/{batch}"), "told last:", last["batch", batch])
        for name in names:
            expect(last["slot", name] == rig.api("GET", f"/slots/{name}"), "told last:", last["slot", name])


def test_batch_survives_a_kill():
    with Rig(bare("a", speed=1) + bare("b")) as rig:
        b = start(rig, "backup", ["a", "b"])
        rig.wait(b["jobs"][1])
        rig.wait_phase(b["jobs"][0], "read")
        rig.kill()
        rig.start()
        b = rig.api("GET", f"/batches/{b['id']}")
        expect(b["state"] == "done" and b["interrupted"] == 1 and b["done"] == 1, b)


def test_interrupted_write_is_resumed_and_its_device_whole_again():
    image = images.noise(150000, 6)
    with Rig(slot("a", target="nor", chip="EF4012", spi_hz=20000000, speed=1, unique_id="0102030405060708")) as rig:
        number = upload(rig, image)
        job = rig.submit("write", "a", image=number)
        rig.wait_phase(job, "write")
        rig.api("POST", f"/jobs/{job}/cancel", status=202)
        job = rig.wait(job)
        device = rig.api("GET", f"/devices/{job['result']['device']}")
        partial = device["partial"]
        expect(partial["job"] == job["id"] and partial["image"] == number and partial["dump"] is None, partial)
        expect((partial["offset"], partial["length"]) == (0, 151552) and partial["backup"] == job["result"]["backup"], partial)
        rig.error("POST", "/jobs/99/resume", 404, "not-found")
        reply = rig.ask("POST", f"/api/v1/jobs/{job['id']}/resume")
        expect(reply.status == 202 and reply.json["resumes"] == job["id"] and reply.json["request"] == job["request"], reply.body)
        rig.error("POST", f"/jobs/{job['id']}/resume", 409, "conflict")
        done = rig.wait(reply.json["id"])
        expect(done["state"] == "done" and done["result"]["skipped"] > 0, done)
        expect(rig.api("GET", f"/devices/{device['id']}")["partial"] is None)
        rig.error("POST", f"/jobs/{done['id']}/resume", 409, "conflict")
        read = rig.run("identify", "a")
        rig.error("POST", f"/jobs/{read['id']}/resume", 409, "conflict")
        expect(rig.content(rig.backup("a")["result"]["dump"]).body[:150000] == image)
