"""kill -9 at any moment: finished dumps keep their bytes, half ones are nowhere, queues go on."""

import os
import random
import sqlite3
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
