"""kill -9 at any moment: finished dumps keep their bytes, half ones are nowhere, queues go on."""

import os
import random
import sqlite3
import subprocess
import threading
import time

import images
from rigd import Rig, expect, slot


def check_archive(rig, contents):
    for name in os.listdir(rig.data):
        if name == "archive.db":
            db = sqlite3.connect(os.path.join(rig.data, name))
            expect(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "integrity_check")
            expect(db.execute("PRAGMA foreign_key_check").fetchone() is None, "foreign_key_check")
            db.close()
    dumps = rig.api("GET", "/dumps?limit=200")["dumps"]
    for dump in dumps:
        expect(dump["verified"] and dump["complete"], dump)
        expect(rig.content(dump["id"]).body == contents[dump["slot"]], "dump", dump["id"], "is not its chip's content")
    jobs = rig.api("GET", "/jobs?limit=200")["jobs"]
    done = {j["result"]["dump"] for j in jobs if j["state"] == "done"}
    expect(done == {d["id"] for d in dumps}, "dumps and finished jobs disagree", done, dumps)
    return jobs


def test_killed_ten_times_during_backups_nothing_is_lost():
    contents = {f"s{n}": images.noise(2 << 20, n) for n in range(3)}
    rig = Rig()
    rig.configure("".join(slot(s, target="nor", chip="1C7015", image=rig.image(s, c)) for s, c in contents.items()))
    chance = random.Random(42)
    with rig:
        for _ in range(10):
            for s in contents:
                rig.submit("backup", s)
            time.sleep(chance.uniform(0, 0.35) * rig.slow)
            rig.kill()
            rig.start()
            states = {j["state"] for j in rig.api("GET", "/jobs?limit=200")["jobs"]}
            expect(states <= {"queued", "running", "done", "interrupted"}, states)
        while any(j["state"] in ("queued", "running") for j in rig.api("GET", "/jobs?limit=200")["jobs"]):
            time.sleep(0.05)
        jobs = check_archive(rig, contents)
        expect(len(jobs) == 30, "no job is forgotten", len(jobs))
        expect(any(j["state"] == "interrupted" for j in jobs), "no kill hit a running job: the test proves nothing")


def test_interrupted_job_says_so_and_the_queue_goes_on_in_order():
    with Rig(slot("slow", target="nor", chip="EF4016", speed=1)) as rig:
        first = rig.submit("backup", "slow")
        rest = [rig.submit("identify", "slow") for _ in range(3)]
        rig.wait_phase(first, "read")
        rig.kill()
        rig.start()
        job = rig.wait(first)
        expect(job["state"] == "interrupted" and job["error"]["code"] == "interrupted", job)
        ends = [rig.wait(j) for j in rest]
        expect([j["state"] for j in ends] == ["done"] * 3, ends)
        expect([j["finished_at"] for j in ends] == sorted(j["finished_at"] for j in ends), "order of the queue")
        expect(rig.api("GET", "/dumps")["dumps"] == [])


def test_sigterm_interrupts_a_job_and_ends_with_0():
    with Rig(slot("slow", target="bk7252", chip="XT25F32B", speed=1, entry_success=0.5)) as rig:
        job = rig.submit("backup", "slow")
        rig.wait_phase(job, "read")
        start = time.monotonic()
        rig.stop()
        expect(time.monotonic() - start < 5, "SIGTERM took", time.monotonic() - start)
        rig.start()
        expect(rig.wait(job)["state"] == "interrupted")


def test_event_ids_go_on_after_a_restart():
    from rigd import Events
    with Rig(slot("a", target="nor", chip="EF4014")) as rig:
        rig.backup("a")
        e = Events(rig)
        before = e.next()[0]
        e.close()
        rig.kill()
        rig.start()
        e = Events(rig, last=before)
        after, type_, _ = e.next()
        e.close()
        expect(type_ == "snapshot" and after > before, before, after, type_)


def test_killed_while_space_is_given_back_the_rest_is_whole():
    contents = {f"s{n}": images.noise(1 << 20, 40 + n) for n in range(4)}
    chance = random.Random(44)
    with Rig() as rig:
        rig.stop()
        rig.configure("".join(slot(s, target="nor", chip="EF4014", image=rig.image(s, c)) for s, c in contents.items()))
        rig.start()
        keep = {rig.backup(s)["result"]["dump"]: c for s, c in contents.items()}

        def put(n):
            return rig.ask("POST", "/api/v1/dumps", images.noise(4 << 20, 50 + n), {"Content-Type": "application/octet-stream"}, raw=True).json["id"]

        def remove(dump):
            try:
                rig.ask("DELETE", f"/api/v1/dumps/{dump}?force=1")
            except Exception:  # it was killed meanwhile
                pass

        hits, whole = 0, put(9)
        start = time.monotonic()
        remove(whole)
        took = time.monotonic() - start
        for n in range(5):
            spare = put(n)
            deleting = threading.Thread(target=remove, args=(spare,))
            deleting.start()
            time.sleep(chance.uniform(0, took))
            hits += deleting.is_alive()
            rig.kill()
            deleting.join()
            rig.start()
            expect({d["id"] for d in rig.api("GET", "/dumps")["dumps"]} - {spare} == set(keep), n)
        expect(hits, "no kill hit a removal: the test proves nothing")
        rig.stop()
        db = sqlite3.connect(os.path.join(rig.data, "archive.db"))
        expect(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "integrity_check")
        expect(db.execute("SELECT count(*) FROM released").fetchone()[0] == 0, "what was begun is done at the next start")
        db.close()
        rig.start()
        for dump, content in keep.items():
            expect(rig.content(dump).body == content)
        job = rig.wait(rig.api("POST", "/archive/check", status=202)["id"])
        expect(job["result"]["damages"] == 0, job["result"])


def test_killed_copy_is_taken_for_none_and_the_next_one_is_whole():
    contents = {f"s{n}": images.noise(4 << 20, 60 + n) for n in range(3)}
    chance = random.Random(45)
    rig = Rig()
    rig.configure("".join(slot(s, target="nor", chip="EF4016", image=rig.image(s, c)) for s, c in contents.items()))
    with rig:
        dumps = {rig.backup(s)["result"]["dump"]: c for s, c in contents.items()}
        copy, hits = os.path.join(rig.dir, "copy.db"), 0
        command = [Rig.program, "--config", rig.config, "--data", rig.data, "backup-archive", copy]
        start = time.monotonic()
        expect(subprocess.run(command, capture_output=True, check=False).returncode == 0)
        took = time.monotonic() - start
        os.unlink(copy)
        for _ in range(5):
            tool = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, took))
            hits += tool.poll() is None
            tool.kill()
            tool.wait()
            if os.path.exists(copy):
                db = sqlite3.connect(copy)
                expect(db.execute("SELECT count(*) FROM dump").fetchone()[0] == 3 and db.execute("PRAGMA quick_check").fetchone()[0] == "ok", "a half copy has the name")
                db.close()
                os.unlink(copy)
        expect(hits, "no kill hit a copy: the test proves nothing")
        expect(subprocess.run(command, capture_output=True, check=False).returncode == 0)
        rig.stop()
        rig.data = os.path.join(rig.dir, "restored")
        os.mkdir(rig.data)
        os.rename(copy, os.path.join(rig.data, "archive.db"))
        rig.start()
        for dump, content in dumps.items():
            expect(rig.content(dump).body == content)


def test_removal_says_what_it_frees():
    shared, own = images.noise(512 << 10, 70), images.noise(512 << 10, 71)
    with Rig(slot("a", target="nor", chip="EF4014")) as rig:
        def put(content):
            return rig.ask("POST", "/api/v1/dumps?created_at=2024-05-17&notes=old", content, {"Content-Type": "application/octet-stream"}, raw=True).json

        one, two, again = put(shared), put(shared + own), put(shared)
        expect(one["created_at"] == "2024-05-17T00:00:00.000Z" and one["notes"] == "old", one)
        look = rig.api("GET", f"/dumps/{two['id']}/removal")
        expect(look == {"frees": 512 << 10, "needs_force": False, "reason": None}, look)
        expect(rig.api("GET", f"/dumps/{one['id']}/removal")["frees"] == 0, "another dump is the same")
        size = os.path.getsize(os.path.join(rig.data, "archive.db"))
        expect(rig.ask("DELETE", f"/api/v1/dumps/{again['id']}").headers["freed-bytes"] == "0")
        expect(rig.ask("DELETE", f"/api/v1/dumps/{two['id']}").headers["freed-bytes"] == str(512 << 10))
        expect(os.path.getsize(os.path.join(rig.data, "archive.db")) < size - (400 << 10), "the disk has it back")
        backup = rig.backup("a")["result"]["dump"]
        look = rig.api("GET", f"/dumps/{backup}/removal")
        expect(look["needs_force"] is True and "last verified backup" in look["reason"], look)
        rig.error("DELETE", f"/dumps/{backup}", 409, "conflict")
        rig.error("GET", "/dumps/99/removal", 404, "not-found")
        raw = {"Content-Type": "application/octet-stream"}
        rig.error("POST", "/dumps?created_at=2999-01-01", 400, "bad-request", b"x", raw, raw=True)
