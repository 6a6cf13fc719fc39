"""
flashrigd on the bench's real devices, in the guest, over HTTP.

usage: guest.py --daemon FLASHRIGD [--flashrom] [NAME...]    NAME: only tests whose sentence contains it
"""

import argparse
import os
import random
import re
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from rigd import Failed, Rig, expect  # noqa: E402

DEBUG = "/sys/kernel/debug/flashrig"
SPIDEV = "/sys/bus/spi/drivers/spidev"
PARAMETERS = "/sys/module/flashrig_bench/parameters"
SIZE = {0: 0x400000, 1: 0x200000, 2: 0x400000, 3: 0x200000}
ID = {0: "0B4016", 1: "EF4015", 2: "EF4016", 3: "EF4015"}


# ---- the bench from outside

def put(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(str(text))


def lines():
    """{"CEN0": "in 1"}; TWIN is there twice and stands once."""
    with open(f"{DEBUG}/lines", encoding="ascii") as f:
        return dict(line.rstrip("\n").split(" ", 1) for line in f)


def at_rest():
    now = lines()
    return now["CEN0"] == "in 1" and now["CEN1"] == "in 1" and now["POWER1"] == "in 0"


def counters(board):
    with open(f"{DEBUG}/board{board}/counters", encoding="ascii") as f:
        return {k: int(v) for k, v in (line.split() for line in f)}


def forget_counters(board):
    put(f"{DEBUG}/board{board}/counters", 0)


def chip(board):
    with open(f"{DEBUG}/board{board}/content", "rb") as f:
        return f.read()


def fill(board, seed):
    """Half noise, half erased, as flashes are."""
    size = SIZE[board]
    content = random.Random(seed).randbytes(size // 2) + b"\xff" * (size - size // 2)
    with open(f"{DEBUG}/board{board}/content", "wb") as f:
        f.write(content)
    return content


class Success:
    """The chance of an entry, for as long as a scope lasts."""

    def __init__(self, ppm):
        self.ppm = ppm

    def __enter__(self):
        put(f"{PARAMETERS}/success_ppm", self.ppm)

    def __exit__(self, *exc):
        put(f"{PARAMETERS}/success_ppm", 1000000)


# ---- the rig

def slot(name, spi, target="bk7252", hz=50000000, **keys):
    more = "".join(f"{k} = {v}\n" for k, v in keys.items())
    return f"[slot {name}]\nboard = linux\ntarget = {target}\nspi = {spi}\nspi_hz = {hz}\n{more}"


LEFT = slot("left", "/dev/spidev0.0", cen="CEN0")
RIGHT = slot("right", "/dev/spidev0.1", cen="CEN1", power="POWER1")
BARE = slot("bare", "/dev/spidev0.2", target="nor")
SELECT = slot("select", "/dev/spidev0.3", target="nor", cs="CS3")


def wait_for(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, "waited in vain for", what)
        time.sleep(0.01)


def state(rig, name):
    return rig.api("GET", f"/slots/{name}")["state"]


def backup_equals(rig, name, content):
    job = rig.backup(name)
    got = rig.content(job["result"]["dump"]).body
    expect(got == content, name, "differs:", len(got), "bytes")
    expect(job["result"]["verified"], "backup is not verified")
    return job


# ---- self-test

def probe(rig):
    return subprocess.run([Rig.program, "--config", rig.config, "--check-config", "--probe"], capture_output=True, text=True, timeout=60)


def test_probe_reads_the_bare_chips_and_pulses_nothing():
    resets = counters(0)["resets"] + counters(1)["resets"]
    said = probe(Rig(LEFT + RIGHT + BARE + SELECT))
    expect(said.returncode == 0 and "everything is there" in said.stdout, said.returncode, said.stdout, said.stderr)
    expect(all(ID[board] in said.stdout for board in (2, 3)) and ID[0] not in said.stdout, said.stdout)
    expect(counters(0)["resets"] + counters(1)["resets"] == resets and at_rest(), lines())


def test_probe_beside_a_daemon_says_who_holds_the_line():
    with Rig(LEFT) as rig:
        rig.run("identify", "left")
        said = probe(rig)
        expect(said.returncode == 1 and "flashrig:left" in said.stdout, said.stdout)
        expect(rig.run("identify", "left")["state"] == "done", "the probe disturbed the daemon")


# ---- jobs

def test_identify_finds_each_chip_and_leaves_lines_at_rest():
    with Rig(LEFT + RIGHT + BARE + SELECT) as rig:
        for board, name in enumerate(["left", "right", "bare", "select"]):
            job = rig.run("identify", name)
            expect(job["state"] == "done", name, job["error"])
            expect(job["result"]["jedec_id"] == ID[board], name, job["result"])
        expect(at_rest(), lines())


def test_backup_holds_what_the_chip_holds():
    content = fill(0, 1)
    with Rig(LEFT) as rig:
        job = backup_equals(rig, "left", content)
        expect(job["result"]["spi_hz"] == 50000000, job["result"])
        expect(at_rest(), lines())


def test_backup_gets_in_when_one_boot_in_ten_takes_the_train():
    content = fill(1, 2)
    with Success(100000), Rig(RIGHT) as rig:
        job = backup_equals(rig, "right", content)
        expect(job["result"]["entry"]["attempts"] >= 1, job["result"])
        expect(at_rest(), lines())


def test_four_slots_on_one_bus_at_the_same_time():
    contents = {name: fill(board, 10 + board) for board, name in enumerate(["left", "right", "bare", "select"])}
    before = sum(counters(board)["conflicts"] for board in range(4))
    with Rig(LEFT + RIGHT + BARE + SELECT) as rig:
        jobs = {name: rig.submit("backup", name) for name in contents}
        for name, content in contents.items():
            job = rig.wait(jobs[name], 120)
            expect(job["state"] == "done", name, job["error"])
            expect(rig.content(job["result"]["dump"]).body == content, name, "differs")
        expect(at_rest(), lines())
    expect(sum(counters(board)["conflicts"] for board in range(4)) == before, "two chips were selected at once")


def test_flipped_bits_do_not_reach_the_dump():
    content = fill(2, 3)
    put(f"{PARAMETERS}/flip_ppm", 2)
    try:
        with Rig(BARE) as rig:
            backup_equals(rig, "bare", content)
    finally:
        put(f"{PARAMETERS}/flip_ppm", 0)


def test_cancelled_backup_ends_at_once_with_lines_at_rest():
    fill(1, 4)
    with Rig(slot("right", "/dev/spidev0.1", cen="CEN1", power="POWER1", hz=4000000)) as rig:
        job = rig.submit("backup", "right")
        rig.wait_phase(job, "read")
        start = time.monotonic()
        rig.api("POST", f"/jobs/{job}/cancel", status=202)
        expect(rig.wait(job)["state"] == "cancelled", "not cancelled")
        expect(time.monotonic() - start < 2, "took", time.monotonic() - start, "s")
        expect(at_rest(), lines())


def test_cancelled_entry_ends_at_once_with_lines_at_rest():
    with Success(0), Rig(LEFT) as rig:
        job = rig.submit("identify", "left")
        wait_for("CEN low", lambda: lines()["CEN0"] == "out 0")
        rig.api("POST", f"/jobs/{job}/cancel", status=202)
        expect(rig.wait(job)["state"] == "cancelled", "not cancelled")
        expect(at_rest(), lines())


def test_reset_pulses_cen_and_lets_it_go():
    with Rig(LEFT) as rig:
        before = counters(0)["resets"]
        rig.api("POST", "/slots/left/reset", status=204)
        expect(counters(0)["resets"] == before + 1, counters(0))
        expect(at_rest(), lines())


# ---- jobs that write

def upload(rig, content):
    reply = rig.ask("POST", "/api/v1/images?name=test", content, {"Content-Type": "application/octet-stream"}, raw=True)
    expect(reply.status == 201, reply.status, reply.body[:300])
    return reply.json["id"]


def with_noise_at(content, offset, length, seed):
    return content[:offset] + random.Random(seed).randbytes(length) + content[offset + length:]


def write_done(rig, name, content, **more):
    job = rig.wait(rig.submit("write", name, image=upload(rig, content), **more), 120)
    expect(job["state"] == "done" and job["result"]["verified"], name, job["error"])
    return job


def test_write_changes_what_differs_and_proves_it():
    old = fill(2, 20)
    new = with_noise_at(old, 0x12345, 40000, 21)
    with Rig(BARE) as rig:
        job = write_done(rig, "bare", new[0x12345:0x12345 + 40000], offset=0x12345)
        expect(chip(2) == new, "the chip does not hold what was written")
        expect(rig.content(job["result"]["backup"]).body == old, "the way back is not what was there")
        expect(job["result"]["erased"] <= 0x10000, "erased far more than differs:", job["result"])


def test_restore_brings_back_what_a_write_replaced():
    old = fill(1, 22)
    with Rig(RIGHT) as rig:
        job = write_done(rig, "right", with_noise_at(old, 0x20000, 100000, 23), force=True)
        expect(chip(1) != old and at_rest(), "nothing was written, or not at rest:", lines())
        back = rig.wait(rig.submit("restore", "right", dump=job["result"]["backup"]), 120)
        expect(back["state"] == "done" and back["result"]["verified"], back["error"])
        expect(chip(1) == old, "the restore did not bring it back")
        expect(at_rest(), lines())


def test_cancelled_write_ends_with_lines_at_rest_and_a_way_back():
    old = fill(1, 24)
    with Rig(RIGHT) as rig:
        job = rig.submit("write", "right", image=upload(rig, random.Random(25).randbytes(len(old))), force=True)
        rig.wait_phase(job, "write", 60)
        rig.api("POST", f"/jobs/{job}/cancel", status=202)
        job = rig.wait(job)
        expect(job["state"] == "cancelled", job["state"])
        expect(rig.content(job["result"]["backup"]).body == old, "the way back is not what was there")
        expect(at_rest(), lines())


def test_device_that_vanishes_in_a_write_leaves_a_way_back():
    old = fill(1, 26)
    with Rig(RIGHT) as rig:
        job = rig.submit("write", "right", image=upload(rig, random.Random(27).randbytes(len(old))), force=True)
        rig.wait_phase(job, "write", 60)
        put(f"{SPIDEV}/unbind", "spi0.1")
        try:
            job = rig.wait(job)
            expect(job["state"] == "failed" and job["error"]["code"] == "offline", job["error"])
            expect(at_rest(), lines())
        finally:
            put(f"{SPIDEV}/bind", "spi0.1")
        wait_for("the slot to come back", lambda: state(rig, "right") == "idle")
        back = rig.wait(rig.submit("restore", "right", dump=job["result"]["backup"]), 120)
        expect(back["state"] == "done" and chip(1) == old, back["error"])


def test_two_boards_on_one_bus_are_written_at_the_same_time():
    contents = {"right": (1, fill(1, 28)), "select": (3, fill(3, 29))}
    with Rig(RIGHT + SELECT) as rig:
        jobs = {}
        for name, (board, old) in contents.items():
            new = with_noise_at(old, 0x40000, 0x20000, board)
            jobs[name] = (rig.submit("write", name, image=upload(rig, new), force=True), board, new)
        for name, (job, board, new) in jobs.items():
            job = rig.wait(job, 120)
            expect(job["state"] == "done" and chip(board) == new, name, job["error"])


# ---- devices that come and go

def test_device_that_vanishes_takes_its_slot_offline_until_it_is_back():
    content = fill(0, 5)
    with Rig(slot("left", "/dev/spidev0.0", cen="CEN0", hz=20000000) + BARE) as rig:
        job = rig.submit("backup", "left")
        rig.wait_phase(job, "read")
        put(f"{SPIDEV}/unbind", "spi0.0")
        try:
            job = rig.wait(job)
            expect(job["state"] == "failed" and job["error"]["code"] == "offline", job["error"])
            expect("/dev/spidev0.0" in job["error"]["message"] and "comes back" in job["error"]["hint"], job["error"])
            expect(at_rest(), lines())
            expect(state(rig, "left") == "offline", state(rig, "left"))
            expect(rig.run("identify", "bare")["state"] == "done", "the other slot is disturbed")
        finally:
            put(f"{SPIDEV}/bind", "spi0.0")
        wait_for("the slot to come back", lambda: state(rig, "left") == "idle")
        backup_equals(rig, "left", content)


def test_slot_whose_device_is_not_there_at_start_comes_when_it_does():
    put(f"{SPIDEV}/unbind", "spi0.2")
    try:
        with Rig(BARE) as rig:
            wait_for("offline", lambda: state(rig, "bare") == "offline")
            error = rig.api("GET", "/slots/bare")["last_error"]
            expect("dtparam=spi=on" in error["hint"], error)
            put(f"{SPIDEV}/bind", "spi0.2")
            wait_for("the slot to come", lambda: state(rig, "bare") == "idle")
            expect(rig.run("identify", "bare")["state"] == "done", "identify failed")
    finally:
        if not os.path.exists("/sys/bus/spi/drivers/spidev/spi0.2"):
            put(f"{SPIDEV}/bind", "spi0.2")


def test_line_that_another_daemon_holds_names_it():
    with Rig(LEFT), Rig(slot("other", "/dev/spidev0.1", cen="CEN0")) as rig:
        wait_for("offline", lambda: state(rig, "other") == "offline")
        error = rig.api("GET", "/slots/other")["last_error"]
        expect('"flashrig:left"' in error["message"], error)


def test_two_slots_cannot_have_one_spidev():
    with Rig(LEFT + slot("twin", "/dev/spidev0.0", cen="CEN1")) as rig:
        wait_for("one of them offline", lambda: "offline" in (state(rig, "left"), state(rig, "twin")))


# ---- the end of the daemon

def kill_while_cen_is_low(rig):
    rig.submit("identify", "left")
    wait_for("CEN low", lambda: lines()["CEN0"] == "out 0")
    while True:
        rig.process.send_signal(19)  # SIGSTOP, so that it stays as it is while we look
        if lines()["CEN0"] == "out 0":
            break
        rig.process.send_signal(18)
        time.sleep(0.003)
    rig.kill()


def test_killed_daemon_leaves_cen_to_the_boards_pull():
    with Success(0), Rig(LEFT) as rig:
        kill_while_cen_is_low(rig)
        wait_for("the kernel to let CEN go", lambda: lines()["CEN0"] == "in 1", 2)


def test_killed_daemon_on_a_kernel_that_keeps_lines_driven_is_mended_by_its_restart():
    put(f"{PARAMETERS}/persist", "Y")
    try:
        with Success(0), Rig(LEFT) as rig:
            kill_while_cen_is_low(rig)
            time.sleep(0.2)
            expect(lines()["CEN0"] == "out 0", "this bench does not keep it:", lines())
            rig.start()
            wait_for("CEN at rest", lambda: lines()["CEN0"] == "in 1", 5)
            expect(rig.api("GET", "/jobs/1")["state"] == "interrupted", "the job is not interrupted")
    finally:
        put(f"{PARAMETERS}/persist", "N")


def test_terminated_daemon_leaves_lines_at_rest():
    with Success(0), Rig(LEFT) as rig:
        rig.submit("identify", "left")
        wait_for("CEN low", lambda: lines()["CEN0"] == "out 0")
        rig.stop()
        expect(at_rest(), lines())


# ---- beside flashrom

def flashrom(*args):
    command = ["flashrom", "-p", "linux_spi:dev=/dev/spidev0.2,spispeed=50000", *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 and "Multiple flash chip" in done.stdout:
        name = re.findall('"([^"]+)"', done.stdout)[-1]
        done = subprocess.run([*command, "-c", name], capture_output=True, text=True, timeout=120)
    expect(done.returncode == 0, "flashrom:", done.stdout[-800:], done.stderr[-400:])


def flashrom_read(path):
    flashrom("-r", path)
    with open(path, "rb") as f:
        return f.read()


def measure(work):
    forget_counters(2)
    start = time.monotonic()
    result = work()
    return result, {**counters(2), "seconds": time.monotonic() - start}


def head(what):
    print(f"table: {what:34} {'messages':>8} {'commands':>8} {'bytes':>10} {'polls':>7} {'erases':>6} {'seconds':>8}")


def row(who, c):
    print(f"table: {who:34} {c['messages']:8} {c['selects']:8} {c['bytes']:10} {c['polls']:7} {c['erases']:6} {c['seconds']:8.2f}")


def compare_flashrom_and_flashrigd_read_the_same_bytes():
    content = fill(2, 6)
    theirs, flashrom_did = measure(lambda: flashrom_read("/tmp/flashrom.bin"))
    expect(theirs == content, "flashrom reads something else")
    with Rig(BARE) as rig:
        _, ours = measure(lambda: backup_equals(rig, "bare", content))
    head("read of 4 MiB at 50 MHz")
    row("flashrom, one read", flashrom_did)
    row("flashrigd, two reads, compared", ours)


def compare_flashrom_and_flashrigd_change_one_sector():
    old = fill(2, 7)
    new = with_noise_at(old, 0x30000, 4096, 8)
    with open("/tmp/new.bin", "wb") as f:
        f.write(new)
    _, flashrom_did = measure(lambda: flashrom("-w", "/tmp/new.bin"))
    expect(chip(2) == new, "flashrom wrote something else")
    fill(2, 7)
    with Rig(BARE) as rig:
        backup_equals(rig, "bare", old)
        _, ours = measure(lambda: write_done(rig, "bare", new))
        expect(chip(2) == new, "flashrigd wrote something else")
        expect(ours["bytes"] < 2.02 * len(new), "one sector costs more than two reads:", ours)
        backup_equals(rig, "bare", new)
        _, back = measure(lambda: write_done(rig, "bare", old[0x30000:0x31000], offset=0x30000))
        expect(chip(2) == old, "flashrigd wrote something else")
        expect(back["bytes"] < 2.02 * len(new), "one sector costs more than two reads:", back)
    head("change of one sector of 4 MiB")
    row("flashrom, whole image", flashrom_did)
    row("flashrigd, whole image", ours)
    row("flashrigd, the sector alone", back)


MANY_BYTES = (
    test_backup_holds_what_the_chip_holds, test_four_slots_on_one_bus_at_the_same_time, test_flipped_bits_do_not_reach_the_dump,
    test_write_changes_what_differs_and_proves_it, test_restore_brings_back_what_a_write_replaced,
    test_cancelled_write_ends_with_lines_at_rest_and_a_way_back,
)


def run(name, test):
    start = time.monotonic()
    try:
        test()
    except Exception as e:  # a test may fail in any way; the others still run
        traceback.print_exc()
        print(f"FAIL {name}: {e}")
        return 1
    print(f"ok   {name} ({time.monotonic() - start:.1f} s)")
    return 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--daemon", required=True)
    p.add_argument("--bytes", action="store_true", help="only what moves many: what spidev's bufsiz matters to")
    p.add_argument("--flashrom", action="store_true", help="only the comparison with it")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    Rig.program = args.daemon
    Rig.slow = 4.0  # an emulated processor
    prefix = "compare_" if args.flashrom else "test_"
    bad = 0
    for name, test in list(globals().items()):
        sentence = name.removeprefix(prefix).replace("_", " ")
        if args.bytes and test not in MANY_BYTES:
            continue
        if name.startswith(prefix) and (not args.names or any(n in sentence for n in args.names)):
            bad += run(sentence, test)
            sys.stdout.flush()
    return 1 if bad else 0


sys.exit(main())
