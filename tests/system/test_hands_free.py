"""Hands-free: put in, wait, take out; the rig sees by itself what hands do."""

import time

import images
from rigd import Events, Rig, expect, slot

BARE = slot("bare", target="nor", chip="EF4014", unique_id="0000000000000001")
BEKEN = slot("beken", target="bk7231n", chip="1C7015", entry_success=0.05)


def plug(rig, name, present, **more):
    return rig.api("POST", f"/slots/{name}/sim", {"present": present, **more})


def start(rig, slots, type_="backup", **more):
    return rig.api("POST", "/batches", {"type": type_, "slots": slots, "hands_free": True, **more}, status=202)["id"]


def mode(rig, name):
    return rig.api("GET", f"/slots/{name}")["hands_free"]


def wait(rig, name, state, boards, seconds=30):
    end = time.monotonic() + seconds * rig.slow
    while time.monotonic() < end:
        m = mode(rig, name)
        if m and m["state"] == state and m["boards"] == boards:
            return m
        time.sleep(0.02)
    expect(False, name, "never comes to", state, boards, m)


def test_board_that_is_put_in_is_done_once_and_the_slot_waits_for_the_next():
    with Rig(BARE + BEKEN) as rig:
        for name in ("bare", "beken"):
            expect(plug(rig, name, False)["simulated"] is True)
        batch = start(rig, ["bare", "beken"])
        for name in ("bare", "beken"):
            expect(mode(rig, name) == {"batch": batch, "state": "insert", "ok": None, "job": None, "boards": 0, "failed": 0})
        for n in (1, 2):
            for name in ("bare", "beken"):
                plug(rig, name, True, fresh=True)
            for name in ("bare", "beken"):
                m = wait(rig, name, "remove", n)
                job = rig.api("GET", f"/jobs/{m['job']}")
                expect(m["ok"] is True and job["state"] == "done" and job["batch"] == batch and job["slot"] == name, m, job)
            time.sleep(1)  # it stays in: nothing more happens
            for name in ("bare", "beken"):
                expect(mode(rig, name)["boards"] == n and rig.api("GET", f"/slots/{name}")["queued"] == 0)
                plug(rig, name, False)
                wait(rig, name, "insert", n)
        b = rig.api("GET", f"/batches/{batch}")
        expect((b["state"], b["total"], b["done"], b["hands_free"]) == ("running", 4, 4, True), b)
        devices = {rig.api("GET", f"/jobs/{j}")["result"]["device"] for j in b["jobs"] if rig.api("GET", f"/jobs/{j}")["slot"] == "bare"}
        expect(len(devices) == 2, "two boards with two unique IDs are two devices", devices)
        rig.api("POST", f"/batches/{batch}/finish", status=202)
        b = rig.api("GET", f"/batches/{batch}")
        expect(b["state"] == "done" and b["finished_at"] and mode(rig, "bare") is None, b)
        rig.error("POST", f"/batches/{batch}/finish", 409, "conflict")
        plug(rig, "bare", True)
        time.sleep(0.5)
        expect(len(rig.api("GET", f"/batches/{batch}")["jobs"]) == 4, "a batch that is finished starts no job")


def test_empty_slot_waits_without_a_trace():
    with Rig(BARE + BEKEN) as rig:
        for name in ("bare", "beken"):
            plug(rig, name, False)
        start(rig, ["bare", "beken"])
        time.sleep(0.5)
        log, cpu = len(rig.stderr()), cpu_seconds(rig)
        time.sleep(2)
        expect(len(rig.stderr()) == log and rig.api("GET", "/jobs")["jobs"] == [], rig.stderr())
        expect(cpu_seconds(rig) - cpu < 0.1 * rig.slow, "40 looks took", cpu_seconds(rig) - cpu, "s")


def cpu_seconds(rig):
    with open(f"/proc/{rig.process.pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_failed_board_is_red_until_it_is_taken_out():
    image = images.noise(1 << 20, 3)
    with Rig(BARE) as rig:
        plug(rig, "bare", False)
        number = rig.ask("POST", "/api/v1/images?name=x", image, {"Content-Type": "application/octet-stream"}, raw=True).json["id"]
        batch = start(rig, ["bare"], "verify", image=number)
        plug(rig, "bare", True, image=number)
        expect(wait(rig, "bare", "remove", 1)["ok"] is True)
        plug(rig, "bare", True, fresh=True)  # changed so quickly that the slot was never seen empty
        m = wait(rig, "bare", "remove", 2)
        expect(m["ok"] is False and m["failed"] == 1 and rig.api("GET", f"/jobs/{m['job']}")["error"]["code"] == "verify-failed", m)
        rig.kill()
        rig.start()
        again = mode(rig, "bare")
        # The daemon is new, and so is the simulated board: empty flash, with the ID of the configuration.
        expect(again is not None and again["batch"] == batch and again["failed"] >= 1, again)


def test_mode_outlives_the_daemon_and_no_board_is_done_twice():
    with Rig(BARE) as rig:
        batch = start(rig, ["bare"])  # the board is in already: it is the first
        wait(rig, "bare", "remove", 1)
        for end in (rig.stop, rig.kill):
            end()
            rig.start()
            time.sleep(0.6)
            expect(mode(rig, "bare") == {"batch": batch, "state": "remove", "ok": True, "job": 1, "boards": 1, "failed": 0}, mode(rig, "bare"))
        plug(rig, "bare", False)
        wait(rig, "bare", "insert", 1)
        rig.stop()
        rig.start()
        expect(mode(rig, "bare")["state"] in ("insert", "working", "remove"))
        wait(rig, "bare", "remove", 2)  # seen empty before: what is in now is the next


def test_hands_free_slot_takes_other_jobs_and_one_batch():
    with Rig(BARE + BEKEN) as rig:
        plug(rig, "bare", False)
        batch = start(rig, ["bare"])
        e = rig.error("POST", "/batches", 409, "conflict", {"type": "backup", "slots": ["beken", "bare"], "hands_free": True})
        expect("bare" in e["message"] and str(batch) in e["message"] and e["hint"], e)
        expect(mode(rig, "beken") is None)
        failed = rig.run("identify", "bare")
        expect(failed["state"] == "failed" and failed["error"]["code"] == "no-chip" and mode(rig, "bare")["boards"] == 0, failed)
        plug(rig, "bare", True)
        wait(rig, "bare", "remove", 1)
        expect(rig.run("identify", "bare")["state"] == "done" and mode(rig, "bare")["boards"] == 1)
        rig.api("POST", f"/batches/{batch}/cancel", status=202)
        expect(mode(rig, "bare") is None and rig.api("GET", f"/batches/{batch}")["state"] == "done")
        again = rig.api("POST", f"/batches/{batch}/run", status=202)
        expect(again["hands_free"] is True and again["again_of"] == batch, again)
        wait(rig, "bare", "remove", 1)
        for body in ({}, {"present": 1}, {"present": True, "image": "/etc/passwd"}, {"present": True, "colour": 1}):
            rig.error("POST", "/slots/bare/sim", 400, "bad-request", body)
        rig.error("POST", "/slots/bare/sim", 422, "unprocessable", {"present": True, "image": 9})
        rig.error("POST", "/slots/bare/sim", 422, "unprocessable", {"present": False, "fresh": True})
        rig.error("POST", "/slots/nobody/sim", 404, "not-found", {"present": True})


def test_board_pulled_out_under_its_job_fails_and_the_next_is_done():
    with Rig(slot("a", target="nor", chip="EF4014", speed=1)) as rig:
        start(rig, ["a"])
        end = time.monotonic() + 20 * rig.slow
        while mode(rig, "a")["state"] != "working" and time.monotonic() < end:
            time.sleep(0.02)
        rig.wait_phase(mode(rig, "a")["job"], "read")
        plug(rig, "a", False)
        m = wait(rig, "a", "remove", 1)
        expect(m["ok"] is False and rig.api("GET", f"/jobs/{m['job']}")["state"] == "failed", m)
        time.sleep(2)
        expect(mode(rig, "a")["state"] == "remove", "red is not seen long enough")
        plug(rig, "a", True, fresh=True)
        expect(wait(rig, "a", "remove", 2)["ok"] is True)


def test_followers_see_what_the_slot_wants():
    with Rig(BARE) as rig:
        plug(rig, "bare", False)
        events = Events(rig)
        events.next()
        batch = start(rig, ["bare"])
        plug(rig, "bare", True)
        seen = []
        while not seen or seen[-1] != "remove":
            _, kind, data = events.next()
            if kind == "slot" and data["hands_free"] and (not seen or seen[-1] != data["hands_free"]["state"]):
                seen.append(data["hands_free"]["state"])
        expect(seen == ["insert", "working", "remove"], seen)
        shown = Events(rig)
        snapshot = shown.next()[2]
        expect([b["id"] for b in snapshot["batches"]] == [batch] and snapshot["slots"][0]["hands_free"]["batch"] == batch, snapshot)
        shown.close()
        events.close()
