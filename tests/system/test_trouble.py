"""Bad input, dead boards, full disks: a clear word, and nothing lost."""

import os
import resource
import socket
import subprocess

import images
from rigd import Rig, expect, slot

BARE = slot("a", target="nor", chip="EF4014")


def run(*args, **kw):
    return subprocess.run([Rig.program, *args], capture_output=True, text=True, timeout=60, **kw)


def test_board_that_never_answers_says_what_to_do():
    with Rig(slot("deaf", target="bk7252", chip="XT25F32B", entry_success=0, entry_timeout="5s")) as rig:
        job = rig.run("backup", "deaf")
        expect(job["state"] == "failed" and job["error"]["code"] == "no-chip", job["error"])
        expect(job["error"]["message"].startswith("enter: ") and job["error"]["hint"], job["error"])
        expect(job["result"]["entry"]["attempts"] > 50, job["result"])
        expect(rig.api("GET", "/slots/deaf")["last_error"]["code"] == "no-chip")


def test_stuck_lines_are_called_by_name():
    kinds = {"low": "wiring", "loop": "wiring", "high": "no-chip"}
    with Rig("".join(slot(k, target="bk7231n", chip="1C7015", faults=f"stuck={k}", entry_timeout="20s") for k in kinds)
             + "".join(slot("bare" + k, target="nor", chip="EF4014", faults=f"stuck={k}") for k in kinds)) as rig:
        for kind, code in kinds.items():
            job = rig.run("backup", kind)
            expect(job["state"] == "failed" and job["error"]["code"] == code, kind, job["error"])
            expect(job["error"]["hint"], job["error"])
            bare = rig.run("identify", "bare" + kind)
            expect(bare["state"] == "failed" and bare["error"]["code"] in ("wiring", "no-chip"), kind, bare["error"])
            expect(bare["error"]["hint"], bare["error"])


def test_one_boards_trouble_is_nobody_elses():
    content = images.noise(1 << 20, 3)
    rig = Rig()
    rig.configure(slot("gone", target="nor", chip="EF4014", image="/nonexistent/image.bin") +
                  slot("large", target="nor", chip="EF4014", image=rig.image("big", b"x" * (1 << 21))) +
                  slot("good", target="nor", chip="EF4014", image=rig.image("i", content)))
    with rig:
        gone = rig.api("GET", "/slots/gone")
        expect(gone["state"] == "offline" and "/nonexistent/image.bin" in gone["last_error"]["message"], gone)
        expect(rig.api("GET", "/slots/large")["state"] == "offline")
        failed = rig.run("backup", "gone")
        expect(failed["state"] == "failed" and failed["error"]["code"] == "offline", failed)
        expect(rig.content(rig.backup("good")["result"]["dump"]).body == content)


def test_range_outside_the_chip_fails():
    with Rig(BARE) as rig:
        job = rig.run("backup", "a", offset=1 << 20, length=1)
        expect(job["state"] == "failed" and job["error"]["code"] == "unprocessable", job["error"])
        rig.error("POST", "/jobs", 422, "unprocessable", {"type": "backup", "slot": "a", "length": 0})


def limit_files(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_full_disk_fails_the_job_and_keeps_the_rest():
    first, second = images.noise(256 << 10, 1), images.noise(4 << 20, 2)
    rig = Rig()
    rig.configure(slot("small", target="nor", chip="EF4012", image=rig.image("s", first)) +
                  slot("large", target="nor", chip="EF4016", image=rig.image("l", second)))
    with rig:
        dump = rig.backup("small")["result"]["dump"]
        rig.stop()
        rig.start(preexec=lambda: limit_files(2 << 20))
        job = rig.run("backup", "large")
        expect(job["state"] == "failed" and job["error"]["code"] == "archive-full", job["error"])
        expect(job["error"]["hint"], job["error"])
        expect([d["id"] for d in rig.api("GET", "/dumps")["dumps"]] == [dump])
        expect(rig.content(dump).body == first)
        rig.stop()
        rig.start()
        expect(rig.content(rig.backup("large")["result"]["dump"]).body == second, "it works again with room")


def test_full_file_system_fails_the_job_and_keeps_the_rest():
    if os.geteuid() != 0:
        return "needs root to mount a small file system"
    content = images.noise(16 << 20, 2)
    rig = Rig()
    small = os.path.join(rig.dir, "small")
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", small], check=False, capture_output=True).returncode:
        return "mount is not allowed here"
    try:
        rig.data = os.path.join(small, "data")
        rig.configure(slot("large", target="nor", chip="EF4018", image=rig.image("l", content)) +
                      slot("a", target="nor", chip="EF4014", image=rig.image("s", images.noise(1 << 20, 3))))
        with rig:
            job = rig.run("backup", "large")
            expect(job["state"] == "failed" and job["error"]["code"] == "archive-full", job["error"])
            expect(rig.api("GET", "/dumps")["dumps"] == [])
            expect(rig.backup("a")["state"] == "done", "a dump that fits is still taken")
            subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
            expect(rig.content(rig.backup("large")["result"]["dump"]).body == content)
    finally:
        subprocess.run(["umount", "-l", small], check=False)


def test_daemon_that_was_killed_starts_on_a_full_file_system():
    if os.geteuid() != 0:
        return "needs root to mount a small file system"
    rig = Rig()
    small = os.path.join(rig.dir, "small")
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", small], check=False, capture_output=True).returncode:
        return "mount is not allowed here"
    try:
        rig.data = os.path.join(small, "data")
        rig.configure(slot("large", target="nor", chip="EF4018", image=rig.image("l", images.noise(16 << 20, 2))))
        with rig:
            job = rig.submit("backup", "large")
            rig.wait_phase(job, "read")
            rig.kill()
            with open(os.path.join(small, "ballast"), "wb", buffering=0) as ballast:
                try:
                    while ballast.write(bytes(65536)):
                        pass
                except OSError:
                    pass
            rig.start()
            expect(rig.api("GET", f"/jobs/{job}")["state"] == "interrupted")
            os.remove(os.path.join(small, "ballast"))
            expect(rig.backup("large")["result"]["verified"])
    finally:
        subprocess.run(["umount", "-l", small], check=False)


def test_port_in_use_is_named():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        rig = Rig(BARE)
        port = s.getsockname()[1]
        r = run("--config", rig.config, "--data", rig.data, "--listen", f"127.0.0.1:{port}")
        expect(r.returncode == 1 and str(port) in r.stderr and "in use" in r.stderr, r.returncode, r.stderr)


def test_second_daemon_on_an_archive_is_refused():
    with Rig(BARE) as rig:
        r = run("--config", rig.config, "--data", rig.data)
        expect(r.returncode == 1 and "another flashrigd" in r.stderr, r.returncode, r.stderr)
        expect(rig.backup("a")["state"] == "done")


def test_unreadable_databases_are_left_as_they_are():
    rig = Rig(BARE)
    os.mkdir(rig.data)
    path = os.path.join(rig.data, "archive.db")
    junk = b"this is no database, but somebody may want it" * 100
    with open(path, "wb") as f:
        f.write(junk)
    r = run("--config", rig.config, "--data", rig.data)
    expect(r.returncode == 1 and path in r.stderr, r.returncode, r.stderr)
    with open(path, "rb") as f:
        expect(f.read() == junk, "the file was changed")
    os.remove(path)
    os.mkdir(path)
    r = run("--config", rig.config, "--data", rig.data)
    expect(r.returncode == 1 and path in r.stderr, r.returncode, r.stderr)


def test_config_with_three_mistakes_names_all_three():
    rig = Rig("[slot a]\nboard = sim\ntarget = bk9999\nchip = EF4014\nspi_hz = 8 apples\ncolour = red\n")
    for extra in ([], ["--check-config"]):
        r = run("--config", rig.config, "--data", rig.data, *extra)
        expect(r.returncode == 2, r.returncode, r.stderr)
        with open(rig.config, encoding="utf-8") as f:
            written = f.read().splitlines()
        for word in ("bk9999", "8 apples", "colour"):
            line = 1 + next(i for i, text in enumerate(written) if word in text)
            expect(any(f"{rig.config}:{line}:" in text and word in text for text in r.stderr.splitlines()), line, r.stderr)
    expect(not os.path.exists(rig.data), "a bad configuration must touch nothing")


def test_probe_lists_every_device_of_every_slot_and_what_to_do():
    here = Rig(BARE)
    r = run("--config", here.config, "--check-config", "--probe")
    expect(r.returncode == 0 and "everything is there" in r.stdout, r.returncode, r.stdout, r.stderr)
    rig = Rig(BARE + "[slot left]\nboard = linux\ntarget = bk7231n\nspi = /dev/spidev99.0\ncen = gpiochip99:3\nuart = /dev/ttyNOPE\n"
              + slot("b", target="nor", chip="EF4014", image="/nonexistent.bin"))
    r = run("--config", rig.config, "--check-config", "--probe")
    expect(r.returncode == 1 and "4 missing" in r.stdout, r.returncode, r.stdout, r.stderr)
    for device, advice in (("/dev/spidev99.0", "dtparam=spi=on"), ("gpiochip99:3", "gpioinfo"), ("/dev/ttyNOPE", "enable_uart=1"),
                           ("/nonexistent.bin", "leave it out")):
        lines = r.stdout.splitlines()
        at = next(i for i, line in enumerate(lines) if device in line)
        expect("MISSING" in lines[at] and "->" in lines[at + 1] and advice in lines[at + 1], device, r.stdout)
    bad = Rig("[slot a]\nboard = sim\n")
    expect(run("--config", bad.config, "--check-config", "--probe").returncode == 2)
    expect(not os.path.exists(rig.data), "a probe must touch nothing")


def test_command_line_mistakes_end_with_2():
    for args in (["--config", "/nonexistent.conf"], ["--nonsense"], ["--log", "loud"], ["word"], ["--demo", "--listen", "nowhere"], ["--demo", "--probe"]):
        r = run(*args)
        expect(r.returncode == 2 and r.stderr, args, r.returncode, r.stderr)
    expect(run("--version").stdout.startswith("flashrigd ") and run("--help").returncode == 0)
    good = Rig(BARE)
    r = run("--config", good.config, "--check-config")
    expect(r.returncode == 0, r.stderr)
