"""The command line: the real program against the real daemon."""

import hashlib
import json
import os
import subprocess
import tempfile
import threading
import time

import images
import rigd
from rigd import Rig, expect, slot

DOOR = slot("door", target="bk7252", chip="XT25F32B", entry_success=1)
BARE = slot("bare", target="nor", chip="EF4014")
SHORT = slot("short", target="bk7252", chip="XT25F32B", faults="stuck=low", entry_timeout="1s")


def program():
    return os.path.join(os.path.dirname(os.path.dirname(Rig.program)), "cli", "flashrig")


def cli(rig, *args, status=0, env=None, cwd=None):
    where = {"FLASHRIG_URL": f"http://127.0.0.1:{rig.port}"} if rig else {}
    done = subprocess.run([program(), *args], capture_output=True, text=True, timeout=60 * Rig.slow, cwd=cwd,
                          env={**os.environ, **where, **(env or {})}, check=False)
    expect(done.returncode == status, args, "ended with", done.returncode, "not", status, done.stdout[-600:], done.stderr[-600:])
    return done


def test_command_line_saves_a_backup_that_is_the_chips_content():
    content = images.noise(1 << 20, 11)
    rig = Rig()
    rig.configure(slot("bare", target="nor", chip="EF4014", image=rig.image("i", content)))
    with tempfile.TemporaryDirectory() as here, rig:
        out = os.path.join(here, "dump.bin")
        said = cli(rig, "backup", "bare", "-o", out, "--sidecar", "--label", "before")
        with open(out, "rb") as f:
            expect(f.read() == content, "another content")
        with open(out + ".json", encoding="utf-8") as f:
            sidecar = json.load(f)
        expect(sidecar["sha256"] == hashlib.sha256(content).hexdigest() and sidecar["label"] == "before", sidecar)
        expect("EF4014" in said.stdout and sidecar["crc32"] in said.stdout, said.stdout)
        expect(os.listdir(here).count("dump.bin.part") == 0, "a part is left")
        again = cli(rig, "get", "1", "-o", out, status=1)
        expect("conflict" in again.stderr and "--force" in again.stderr, again.stderr)
        cli(rig, "get", "1", "-o", out, "--force")
        told = cli(rig, "get", "1", cwd=here)
        names = [n for n in os.listdir(here) if not n.startswith("dump.bin")]
        expect(len(names) == 1 and names[0].endswith(".bin"), "the daemon's name", names, told.stderr)
        piece = subprocess.run([program(), "--url", f"127.0.0.1:{rig.port}", "get", "1", "--offset", "0x100", "--length", "16", "-o", "-"],
                               capture_output=True, check=True)
        expect(piece.stdout == content[0x100:0x110], piece.stdout)


def test_command_line_exit_statuses_are_those_of_the_contract():
    with Rig(DOOR + SHORT) as rig:
        cli(rig, "identify", "door")
        failed = cli(rig, "identify", "short", status=1)
        expect("wiring" in failed.stderr and "what to do" in failed.stderr, failed.stderr)
        for args in ([], ["nonsense"], ["identify"], ["identify", "door", "--colour"], ["backup", "door", "--offset", "zz"],
                     ["restore", "door", "x"], ["batch", "identify"], ["token", "add", "x"], ["write", "door"]):
            said = cli(rig, *args, status=2)
            expect(said.stderr, args, "says nothing")
        refused = cli(rig, "identify", "nowhere", status=1)
        expect("unprocessable" in refused.stderr and "door" in refused.stderr, refused.stderr)
        gone = cli(None, "--url", "http://127.0.0.1:1", "slots", status=3)
        expect("cannot be reached" in gone.stderr, gone.stderr)
        expect(cli(rig, "--version").stdout.startswith("flashrig ") and "usage" in cli(rig, "backup", "--help").stdout)


def test_command_line_writes_a_file_once_uploaded():
    content = images.noise(20000, 12)
    rig = Rig(BARE)
    path = rig.image("new.bin", content)
    with rig:
        first = cli(rig, "write", "bare", path)
        expect("is image 1" in first.stderr and "verified" in first.stdout, first.stdout, first.stderr)
        again = json.loads(cli(rig, "write", "bare", path, "--json").stdout)
        expect(again["state"] == "done" and again["result"]["programmed"] == 0, again)
        expect(len(rig.api("GET", "/images")["images"]) == 1, "uploaded twice")
        cli(rig, "verify", "bare", "1")
        cli(rig, "erase", "bare", "--offset", "0x1000", "--length", "4K")
        differs = cli(rig, "verify", "bare", path, status=1)
        expect("verify-failed" in differs.stderr, differs.stderr)
        cli(rig, "restore", "bare", "2")
        cli(rig, "write", "bare", "--fill", "0", "--length", "16", "--preserve", "4+4,0x8+2")
        got = cli(rig, "jobs", "--slot", "bare", "--json").stdout.splitlines()
        expect(len(got) == 7 and json.loads(got[0])["request"]["fill"] == 0, got[:1])


def test_command_line_batch_goes_on_when_one_fails():
    with Rig(DOOR + SHORT + BARE) as rig:
        said = cli(rig, "batch", "identify", "--slots", "door,short,bare", "--label", "three", status=1)
        rows = {line.split()[0]: line for line in said.stdout.splitlines()[1:]}
        expect("done" in rows["door"] and "failed" in rows["short"] and "done" in rows["bare"], said.stdout)
        csv = cli(rig, "batch", "1", "report").stdout
        expect(csv.splitlines()[0].startswith("slot,") and csv.count("\n") == 4, csv)
        expect("three" in cli(rig, "batches").stdout)
        number = cli(rig, "batch", "1", "run", "--no-wait").stdout.strip()
        expect(cli(rig, "batch", number, "wait", status=1).stdout.count("done") >= 2)


def test_command_line_finds_and_names_what_the_archive_has():
    content = images.noise(65536, 13)
    with tempfile.TemporaryDirectory() as here, Rig(BARE) as rig:
        for name, data in (("old plug.bin", content), ("bulb.BIN", content[::-1]), ("notes.txt", b"x")):
            with open(os.path.join(here, name), "wb") as f:
                f.write(data)
        said = cli(rig, "import", here)
        expect("2 imported, 0 known already, 0 failed" in said.stdout, said.stdout, said.stderr)
        expect("0 imported, 2 known already" in cli(rig, "import", here).stdout)
        labels = {d["label"] for d in rig.api("GET", "/dumps")["dumps"]}
        expect(labels == {"old plug", "bulb"}, labels)
        expect("old plug" in cli(rig, "lookup", os.path.join(here, "old plug.bin")).stdout)
        cli(rig, "lookup", "0" * 64, status=1)
        cli(rig, "diff", "1", "2", status=1)
        expect("equal" in cli(rig, "diff", "1", "1").stdout)
        cli(rig, "set", "1", "--label", "Höhe", "--notes", "n", "--tags", "a,b")
        dump = rig.api("GET", "/dumps/1")
        expect(dump["label"] == "Höhe" and dump["tags"] == ["a", "b"], dump)
        cli(rig, "set", "1", status=2)
        expect("2 dumps checked, 0 damaged" in cli(rig, "check").stdout)
        cli(rig, "delete", "2")
        cli(rig, "dump", "2", status=1)
        cli(rig, "import", os.path.join(here, "nothing.bin"), status=2)


def test_command_line_shows_every_list():
    with Rig(DOOR) as rig:
        cli(rig, "backup", "door")
        for args in (["slots"], ["slot", "door"], ["jobs"], ["job", "1"], ["job-log", "1"], ["dumps"], ["dump", "1"], ["devices"],
                     ["device", "1"], ["images"], ["batches"], ["chips", "W25Q"], ["archive"], ["info"], ["config"], ["audit"],
                     ["reset", "door"], ["analysis", "1"], ["map", "1"]):
            table = cli(rig, *args).stdout
            expect(table.strip(), args, "says nothing")
            for line in cli(rig, *args, "--json").stdout.splitlines() if args[0] not in ("job-log",) else []:
                json.loads(line)


def test_command_line_waits_through_a_restart_of_the_daemon():
    with Rig(slot("slow", target="nor", chip="EF4014", speed=1, spi_hz=1000000)) as rig:
        number = int(cli(rig, "backup", "slow", "--no-wait").stdout)
        rig.wait_phase(number, "read")
        port = rig.port
        done = {}
        waiter = threading.Thread(target=lambda: done.update(r=subprocess.run(
            [program(), "--url", f"127.0.0.1:{port}", "wait", str(number)], capture_output=True, text=True, check=False)))
        waiter.start()
        time.sleep(0.5)
        rig.kill()
        rig.configure(slot("slow", target="nor", chip="EF4014", speed=1, spi_hz=1000000), http=f"listen = 127.0.0.1:{port}\n")
        with open(rig.config, encoding="utf-8") as f:
            text = f.read().replace("listen = 127.0.0.1:0\n", "")
        with open(rig.config, "w", encoding="utf-8") as f:
            f.write(text)
        time.sleep(1.0)  # long enough for the command line to notice
        rig.start()
        waiter.join(60 * Rig.slow)
        expect(done["r"].returncode == 1 and "interrupted" in done["r"].stderr, done["r"].stdout, done["r"].stderr)
        expect("waiting for it" in done["r"].stderr, done["r"].stderr)


def test_command_line_knows_tokens():
    with Rig(DOOR, http="require_token = yes") as rig:
        cli(rig, "slots", status=1)
        made = subprocess.run([Rig.program, "--config", rig.config, "--data", rig.data, "token", "add", "boss", "--scope", "admin"],
                              capture_output=True, text=True, check=True).stdout.strip()
        as_boss = {"FLASHRIG_TOKEN": made}
        cli(rig, "slots", env=as_boss)
        token = cli(rig, "token", "add", "reader", "--scope", "read", env=as_boss).stdout.strip()
        cli(rig, "--token", token, "slots")
        refused = cli(rig, "--token", token, "identify", "door", status=1)
        expect("forbidden" in refused.stderr, refused.stderr)
        expect("reader" in cli(rig, "token", "list", env=as_boss).stdout)
        cli(rig, "token", "revoke", "reader", env=as_boss)
        expect("unauthorized" in cli(rig, "--token", token, "slots", status=1).stderr)


def test_command_line_copies_the_archive():
    with tempfile.TemporaryDirectory() as here, Rig(BARE) as rig:
        cli(rig, "backup", "bare")
        path = {"PATH": os.path.dirname(os.path.abspath(Rig.program)) + ":" + os.environ["PATH"]}
        copy = os.path.join(here, "archive.db")
        cli(rig, "backup-archive", copy, "--config", rig.config, "--data", rig.data, env=path)
        expect(os.path.getsize(copy) > 4096)


def test_command_line_brings_dumps_back_with_what_was_known_of_them():
    content = images.noise(1 << 20, 14)
    with tempfile.TemporaryDirectory() as here, Rig(BARE) as rig:
        deep = os.path.join(here, "a", "b")
        os.makedirs(deep)
        for name, data in (("one.bin", content), ("two.bin", content[::-1]), ("three.bin", content[:4096])):
            with open(os.path.join(deep, name), "wb") as f:
                f.write(data)
        for name, text in (("one.json", '{"label": "front", "jedec_id": "EF4014", "notes": "n", "tags": ["x"]}'), ("two.bin.json", '{"tags": ["y"]}'),
                           ("three.json", "{")):
            with open(os.path.join(deep, name), "w", encoding="utf-8") as f:
                f.write(text)
        said = cli(rig, "import", here, status=1)
        expect("2 imported, 0 known already, 1 failed" in said.stdout and "three.json" in said.stderr, said.stdout, said.stderr)
        dumps = {d["label"]: d for d in rig.api("GET", "/dumps")["dumps"]}
        one, two = dumps["front"], dumps["two"]
        expect(one["jedec_id"] == "EF4014" and one["notes"] == "n" and one["tags"] == ["x"] and two["tags"] == ["y"], dumps)


def test_command_line_restores_without_being_told_what():
    with Rig(BARE) as rig:
        path = rig.image("new.bin", images.noise(20000, 15))
        unknown = cli(rig, "restore", "bare", status=1)
        expect("identify" in unknown.stderr, unknown.stderr)
        cli(rig, "backup", "bare")
        cli(rig, "write", "bare", path)
        said = cli(rig, "restore", "bare")
        expect("dump 1 is the way back" in said.stderr, said.stderr)
        cli(rig, "verify", "bare", "dump:1")


def test_command_line_backup_may_replace_its_file_when_it_is_told_to():
    with tempfile.TemporaryDirectory() as here, Rig(BARE) as rig:
        out = os.path.join(here, "dump.bin")
        cli(rig, "backup", "bare", "-o", out)
        cli(rig, "backup", "bare", "-o", out, status=1)
        cli(rig, "backup", "bare", "-o", out, "--force")


def test_command_line_knows_what_was_meant():
    expect("Did you mean backup?" in cli(None, "bakcup", "x", status=2).stderr)
    expect("Did you mean --offset?" in cli(None, "backup", "x", "--ofset", "1", status=2).stderr)


def test_command_line_has_every_command_and_option_in_its_manual():
    page = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "cli", "flashrig.1")
    with open(page, encoding="utf-8") as f:
        text = f.read().replace("\\-", "-")
    commands = [line.split()[0] for line in cli(None, "--help").stdout.splitlines() if line.startswith("  ") and line[2].isalpha()]
    expect(len(commands) > 40, commands)
    for command in commands:
        expect(f".B flashrig {command}\n" in text or f'.BI "flashrig {command} "' in text, "the manual lacks", command)
        for line in cli(None, command, "--help").stdout.splitlines():
            if line.startswith("  -"):
                expect(line.split()[0] in text, "the manual lacks", command, line)


def test_command_line_finds_all_places_of_some_bytes():
    content = bytearray(1 << 20)
    for at in range(700):
        content[at * 1024:at * 1024 + 4] = b"here"
    rig = Rig()
    rig.configure(slot("bare", target="nor", chip="EF4014", image=rig.image("i", bytes(content))))
    with rig:
        cli(rig, "backup", "bare")
        some = cli(rig, "find", "1", "here")
        expect("--all" in some.stderr and 0 < len(some.stdout.split()) < 700, some.stderr, len(some.stdout.split()))
        every = cli(rig, "find", "1", "here", "--all").stdout.split()
        expect(every == [f"0x{at * 1024:06x}" for at in range(700)], len(every), every[:3])
        cli(rig, "find", "1", "nowhere", status=1)
