"""What happens to a machine: it is stopped, its clock jumps, its disk refuses, its archive grows."""

import contextlib
import os
import shutil
import sqlite3
import statistics
import subprocess
import time

import images
from rigd import Events, Failed, Rig, expect, slot

MIB = 1 << 20


def upload(rig, content):
    return rig.ask("POST", "/api/v1/images?name=x", content, {"Content-Type": "application/octet-stream"}, raw=True).json["id"]


# ---- SIGTERM


def test_sigterm_in_any_phase_ends_within_5_s():
    phases = {"door": ("backup", "enter"), "reader": ("backup", "read"), "verifier": ("verify", "compare"),
              "writer": ("write", "write"), "eraser": ("erase", "write")}
    slots = slot("door", target="bk7252", chip="XT25F32B", speed=1, entry_success=0)
    slots += slot("reader", target="nor", chip="EF4018", speed=1)
    slots += slot("verifier", target="nor", chip="EF4018", speed=1)
    rig = Rig()
    rig.configure(slots + slot("writer", target="nor", chip="EF4014", speed=1, spi_hz=50000000, image=rig.image("w", images.noise(MIB, 1)))
                  + slot("eraser", target="nor", chip="EF4014", speed=1, spi_hz=50000000, image=rig.image("e", images.noise(MIB, 2))))
    with rig:
        image = upload(rig, images.noise(4 * MIB, 3))
        small = upload(rig, images.noise(MIB, 4))
        fields = {"verifier": {"image": upload(rig, b"\xff" * (8 * MIB))}, "writer": {"image": small}}
        jobs = {name: rig.submit(type_, name, **fields.get(name, {})) for name, (type_, _) in phases.items()}
        waiting = [rig.submit("identify", "writer") for _ in range(3)]
        for name, (_, phase) in phases.items():
            rig.wait_phase(jobs[name], phase)
        start = time.monotonic()
        rig.stop()
        took = time.monotonic() - start
        expect(took < 5 * (1 if rig.slow == 1 else 1.5), "SIGTERM took", took)
        rig.start()
        for name, job in jobs.items():
            state = rig.api("GET", f"/jobs/{job}")
            expect(state["state"] == "interrupted" and state["error"]["code"] == "interrupted" and state["finished_at"], name, state)
        for name in ("writer", "eraser"):
            device = rig.api("GET", f"/jobs/{jobs[name]}")["result"]["device"]
            partial = rig.api("GET", f"/devices/{device}")["partial"]
            expect(partial["job"] == jobs[name] and partial["backup"], partial)
        ends = [rig.wait(job) for job in waiting]
        expect([j["state"] for j in ends] == ["done"] * 3, ends)
        expect([j["started_at"] for j in ends] == sorted(j["started_at"] for j in ends), "the order is lost")
        expect(image and rig.api("GET", "/images")["images"])


# ---- clock and disk


@contextlib.contextmanager
def shimmed(rig):
    """The daemon of this rig, with the shim in front of its C library: the folder that rules it, or None."""
    cc = shutil.which("cc")
    if rig.slow != 1 or not cc:
        yield None
        return
    folder = os.path.join(rig.dir, "shim")
    os.mkdir(folder)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim.c")
    subprocess.run([cc, "-shared", "-fPIC", "-O1", "-o", os.path.join(folder, "shim.so"), source, "-ldl"], check=True)
    old = dict(os.environ)
    os.environ.update(LD_PRELOAD=os.path.join(folder, "shim.so"), FLASHRIG_SHIM=folder)
    try:
        rig.start()
    finally:
        os.environ.clear()
        os.environ.update(old)
    try:
        yield folder
    finally:
        for name in ("readonly", "clock"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(folder, name))
        rig.stop()
        shutil.rmtree(rig.dir, ignore_errors=True)


NO_SHIM = "is tried with the release build, and needs a C compiler"


def test_clock_that_jumps_disturbs_nothing():
    content = images.noise(256 << 10, 5)
    rig = Rig()
    rig.configure(slot("a", target="nor", chip="EF4012", speed=1, image=rig.image("a", content)) + slot("b", target="nor", chip="EF4014"))
    with shimmed(rig) as folder:
        if not folder:
            return NO_SHIM
        events = Events(rig)
        events.next()
        years = [str(n * 365 * 86400) for n in (1, -20, 30, 0)]
        ids = []
        for jump in years:
            job = rig.submit("backup", "a")
            rig.wait_phase(job, "read")
            with open(os.path.join(folder, "clock"), "w", encoding="ascii") as f:
                f.write(jump)
            done = rig.wait(job)
            expect(done["state"] == "done" and rig.content(done["result"]["dump"]).body == content, done)
            ids += [job, rig.run("identify", "b")["id"]]
        expect([j["id"] for j in rig.api("GET", "/jobs")["jobs"]] == ids[::-1], "the order of jobs is that of their ids")
        expect(rig.api("GET", "/devices")["devices"][0]["dumps"] > 0 and rig.api("GET", "/info")["uptime_s"] < 600)
        seen, end = set(), time.monotonic() + 10
        while ids[-1] not in seen and time.monotonic() < end:
            _, kind, data = events.next()
            if kind == "job" and data["state"] == "done":
                seen.add(data["id"])
        expect(seen == set(ids), "events were lost", seen, ids)
        events.close()
    return None


def test_disk_that_turns_read_only_is_told_and_nothing_is_lost():
    first = images.noise(256 << 10, 6)
    rig = Rig()
    rig.configure(slot("a", target="nor", chip="EF4012", image=rig.image("a", first)) +
                  slot("b", target="nor", chip="EF4012", speed=1, image=rig.image("b", images.noise(256 << 10, 7))))
    with shimmed(rig) as folder:
        if not folder:
            return NO_SHIM
        dump = rig.backup("a")["result"]["dump"]
        running = rig.submit("backup", "b")
        rig.wait_phase(running, "read")
        flag = os.path.join(folder, "readonly")
        with open(flag, "w", encoding="ascii"):
            pass
        reply = rig.ask("POST", "/api/v1/jobs", {"type": "backup", "slot": "a"})
        expect(reply.status == 503 and reply.json["error"]["code"] in ("io", "archive-full") and reply.json["error"]["message"], reply.status, reply.body)
        expect(rig.content(dump).body == first and rig.api("GET", "/jobs")["jobs"], "what is there can still be read")
        expect(rig.ask("GET", "/healthz").status == 503, "healthz")
        time.sleep(1.2)
        expect(rig.api("GET", f"/jobs/{running}")["state"] == "running", "its end is not known to the archive yet")
        os.remove(flag)
        ended = rig.wait(running)
        expect(ended["state"] in ("done", "failed") and (ended["state"] == "done" or ended["error"]["message"]), ended)
        expect(rig.ask("GET", "/healthz").status == 200)
        expect(rig.content(rig.backup("b")["result"]["dump"]).status == 200, "it works again when the cause is gone")
        rig.stop()
        db = sqlite3.connect(os.path.join(rig.data, "archive.db"))
        expect(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "integrity_check")
        db.close()
    return None


def test_archive_on_a_read_only_disk_is_refused_by_name():
    if os.geteuid() != 0:
        return "needs root to mount a read-only file system"
    rig = Rig(slot("a", target="nor", chip="EF4014"))
    os.mkdir(rig.data)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", rig.data], check=False, capture_output=True).returncode:
        return "mount is not allowed here"
    try:
        r = subprocess.run(rig.command(), capture_output=True, text=True, timeout=30, check=False)
        expect(r.returncode == 1 and rig.data in r.stderr and "ead-only" in r.stderr, r.returncode, r.stderr)
    finally:
        subprocess.run(["umount", "-l", rig.data], check=False)
        shutil.rmtree(rig.dir, ignore_errors=True)
    return None


# ---- 100,000 jobs


def fill(rig, n):
    """n jobs of the past: by turns of types, states and slots, a tenth of them in batches of a hundred."""
    db = sqlite3.connect(os.path.join(rig.data, "archive.db"))
    db.execute("INSERT INTO batch (label, request, hands_free, created_ms)"
               " WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
               " SELECT '', 'type=backup' || char(10), 0, i FROM n", (n // 1000,))
    db.execute("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
               " INSERT INTO job (type, slot, batch, state, created_ms, started_ms, finished_ms, chip, sha256)"
               " SELECT iif(i % 3, 'backup', 'identify'), iif(i % 2, 'a', 'b'), iif(i % 10, NULL, 1 + (i - 1) / 1000),"
               "  iif(i % 1000, 'done', 'failed'), i, i, i, 'GigaDevice GD25Q32', hex(zeroblob(32)) FROM n", (n,))
    db.commit()
    db.close()


def median_ms(action, times=15):
    took = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def measure(n):
    with Rig(slot("a", target="nor", chip="EF4014") + slot("b", target="nor", chip="EF4014")) as rig:
        rig.stop()
        fill(rig, n)
        rig.start()
        asks = ["/jobs?limit=50", "/jobs?slot=a&state=failed&limit=20", "/jobs?batch=1&limit=50", "/jobs?type=identify&slot=b&before=900",
                "/batches?limit=1", "/batches/1", "/batches/1/report", "/slots"]
        took = {path: median_ms(lambda path=path: rig.api("GET", path)) for path in asks}
        took["a job, from start to end"] = median_ms(lambda: rig.run("identify", "a"), 8)
        return took


def test_100000_jobs_slow_nothing_down():
    try:
        few, many = measure(1000), measure(100000)
    except sqlite3.Error as e:
        raise Failed(f"the archive could not be filled: {e}") from e
    for what, ms in many.items():
        expect(ms <= 4 * few[what] + 10 * Rig.slow, what, f"takes {ms:.1f} ms with 100,000 jobs, {few[what]:.1f} ms with 1,000")
