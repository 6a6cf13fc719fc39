"""The command line against servers that are broken or mean, a full disk, and Ctrl-C."""

import http.server
import json
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time

from rigd import Rig, expect, slot
from test_cli import BARE, cli, program

SLOW = slot("slow", target="nor", chip="EF4014", speed=1, spi_hz=1000000)
EVIL = "\x1b]0;owned\x07\x1b[2Jle\u202eft\x9b31m\n"


class Peer:
    """Answers with what a test says: path (without the query) -> (status, headers, body, length or None)."""

    def __init__(self, answers):
        peer = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                peer.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(size)))
                status, headers, body, length = answers[self.path.split("?")[0].removeprefix("/api/v1")]
                if callable(body):
                    body = body(len(peer.asked))
                if body is None:  # the connection breaks
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)
                if length is not None:
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def ok(body, **headers):
    return 200, {k.replace("_", "-"): v for k, v in headers.items()}, body if isinstance(body, bytes) else json.dumps(body).encode(), None


def test_command_line_says_what_is_no_daemon():
    with Peer({"/slots": ok(b"<html>hello</html>"), "/jobs": (502, {}, b"<html>bad gateway", None), "/dumps": ok(b""),
               "/images": (302, {"Location": "http://127.0.0.1:1/"}, b"", None), "/devices": ok([1, 2]), "/info": ok(b"[" * 5000)}) as peer:
        expect("JSON" in cli(peer, "slots", status=1).stderr)
        expect("502" in cli(peer, "jobs", status=1).stderr)
        expect("302" in cli(peer, "images", status=1).stderr)
        cli(peer, "info", status=1)
        for name in ("dumps", "devices"):  # nothing to show is no crash
            cli(peer, name)


def test_command_line_shows_nothing_that_a_terminal_obeys():
    evil = {"name": EVIL, "target": EVIL, "state": EVIL, "last_error": {"code": EVIL, "message": EVIL, "hint": EVIL}, "chip": {"name": EVIL}}
    with Peer({"/slots": ok({"slots": [evil, 7, None, "x", []], "next": None}), "/slots/left": ok(evil),
               "/jobs/1/log": ok(f"a{EVIL}b".encode()), "/jobs/2": (404, {}, json.dumps({"error": {"code": EVIL, "message": EVIL, "hint": EVIL}}).encode(), None),
               "/dumps": ok({"dumps": [{"label": EVIL, "id": 1e300, "size": -1, "tags": [EVIL]}], "next": 7})}) as peer:
        for args, status in ((["slots"], 0), (["slot", "left"], 0), (["job-log", "1"], 0), (["job", "2"], 1), (["dumps"], 0), (["job", "2", "--json"], 1)):
            said = cli(peer, *args, status=status)
            for c in "\x1b\x07\u202e\x9b":
                expect(c not in said.stdout + said.stderr, args, "lets through", repr(c), repr(said.stdout))


def test_command_line_keeps_only_downloads_that_are_right():
    good, bad = b"x" * 100000, "ab" * 32
    with tempfile.TemporaryDirectory() as here, Peer({
            "/dumps/1/content": ok(good, ETag=f'"{bad}"'), "/dumps/2/content": (200, {}, good, 200000),
            "/dumps/3/content": ok(good, Content_Disposition='attachment; filename="../../.evil;x"')}) as peer:
        expect("SHA-256" in cli(peer, "get", "1", "-o", "a.bin", status=1, cwd=here).stderr)
        cut = cli(peer, "get", "2", "-o", "b.bin", status=1, cwd=here)
        expect("cut in the middle" in cut.stderr, cut.stderr)
        expect(os.listdir(here) == [], "left behind:", os.listdir(here))
        cli(peer, "get", "3", cwd=here)
        names = os.listdir(here)
        expect(len(names) == 1 and not names[0].startswith(".") and "/" not in names[0], names)
        folder = os.path.join(here, "folder")
        os.mkdir(folder)
        cli(peer, "get", "3", "-o", folder)
        expect(os.listdir(folder) == names, os.listdir(folder))


def test_command_line_leaves_nothing_on_a_full_disk():
    with tempfile.TemporaryDirectory() as here, Rig(BARE) as rig:
        cli(rig, "backup", "bare")
        done = subprocess.run([program(), "--url", f"127.0.0.1:{rig.port}", "get", "1", "-o", "dump.bin"], cwd=here, capture_output=True, text=True,
                              check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)))
        expect(done.returncode == 1 and "dump.bin.part" in done.stderr, done.returncode, done.stderr)
        expect(os.listdir(here) == [], os.listdir(here))
        full = subprocess.run(f"{program()} --url 127.0.0.1:{rig.port} slots >/dev/full", shell=True, capture_output=True, text=True, check=False)
        expect(full.returncode == 1 and "standard output" in full.stderr, full.returncode, full.stderr)


def test_command_line_refuses_before_the_job_begins():
    with tempfile.TemporaryDirectory() as here, Rig(BARE) as rig:
        out = os.path.join(here, "dump.bin")
        with open(out, "wb") as f:
            f.write(b"mine")
        expect("--force" in cli(rig, "backup", "bare", "-o", out, status=1).stderr)
        expect(rig.api("GET", "/jobs")["jobs"] == [], "a job was begun")
        with open(out, "rb") as f:
            expect(f.read() == b"mine")


def test_command_line_errors_are_json_for_programs():
    with Rig(BARE) as rig:
        error = json.loads(cli(rig, "--json", "dump", "7", status=1).stderr)["error"]
        expect(error["code"] == "not-found" and "7" in error["message"], error)
        error = json.loads(cli(None, "--json", "--url", "http://127.0.0.1:1", "slots", status=3).stderr)["error"]
        expect(error["hint"], error)
        events = subprocess.Popen([program(), "--url", f"127.0.0.1:{rig.port}", "events"], stdout=subprocess.PIPE, text=True)
        first = json.loads(events.stdout.readline())
        expect(first["event"] == "snapshot" and first["id"] and first["data"]["slots"][0]["name"] == "bare", first)
        events.send_signal(signal.SIGINT)
        expect(events.wait(10 * Rig.slow) == 130, "Ctrl-C of a quiet stream", events.returncode)
        events.stdout.close()


def interrupted(rig, *args, after):
    waiter = subprocess.Popen([program(), "--url", f"127.0.0.1:{rig.port}", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    after()
    waiter.send_signal(signal.SIGINT)
    out, err = waiter.communicate(timeout=30 * Rig.slow)
    return waiter.returncode, out, err


def running(rig):
    end = time.monotonic() + 20 * Rig.slow
    while time.monotonic() < end:
        jobs = rig.api("GET", "/jobs?state=running")["jobs"]
        if jobs and jobs[0]["phase"] == "read":
            return
        time.sleep(0.05)
    raise AssertionError("no job runs")


def test_command_line_ctrl_c_leaves_the_job_alone():
    with Rig(SLOW) as rig:
        status, _, err = interrupted(rig, "backup", "slow", after=lambda: running(rig))
        expect(status == 130 and "goes on" in err and "cancel 1" in err, status, err)
        expect(rig.api("GET", "/jobs/1")["state"] == "running", "the job was stopped")
        cli(rig, "cancel", "1")
        rig.wait(1)


def test_command_line_ctrl_c_cancels_when_that_is_wanted():
    with Rig(SLOW) as rig:
        status, out, err = interrupted(rig, "backup", "slow", "--cancel-on-interrupt", after=lambda: running(rig))
        expect(status == 1 and "cancelling job 1" in err and "cancelled" in out + err, status, out, err)
        expect(rig.api("GET", "/jobs/1")["state"] == "cancelled")


JOB = {"id": 1, "type": "identify", "slot": "left", "batch": None, "resumes": None, "request": {}, "state": "queued", "phase": None,
       "progress": None, "created_at": "2026-11-22T10:35:24.123Z", "started_at": None, "finished_at": None, "error": None, "result": None}


def test_command_line_sends_a_job_once_though_the_connection_breaks():
    body = json.dumps(JOB).encode()
    with Peer({"/jobs": (202, {}, lambda n: None if n < 3 else body, None)}) as peer:
        said = cli(peer, "identify", "left", "--no-wait")
        expect(said.stdout == "1\n", said.stdout)
        keys = {headers.get("Idempotency-Key") for _, _, headers, _ in peer.asked}
        expect(len(peer.asked) == 3 and len(keys) == 1 and None not in keys, keys, len(peer.asked))


def test_command_line_asks_where_there_are_no_events():
    full = (429, {}, json.dumps({"error": {"code": "too-many", "message": "256 streams"}}).encode(), None)
    ended = {**JOB, "state": "done", "result": {"chip": "EF4014", "found": EVIL}}
    with Peer({"/jobs/1": ok(json.dumps(ended).encode()), "/events": full}) as peer:
        expect("done" in cli(peer, "wait", "1").stdout)
    nonsense = b"event: job\ndata: {\nid: x\n\n" + b"data: " + b"\xff" * 3000 + b"\n\n: \n\nevent: snapshot\ndata: [1]\n\ndata\n\n"
    states = [JOB, {**JOB, "state": "running"}, {**JOB, "state": "running", "phase": "enter"}, ended]
    seen = []

    def job(_):
        seen.append(1)
        return json.dumps(states[min(len(seen), len(states)) - 1]).encode()

    with Peer({"/jobs/1": (200, {}, job, None), "/events": ok(nonsense)}) as peer:
        expect("done" in cli(peer, "wait", "1").stdout)


def test_command_line_gives_up_on_a_daemon_that_stays_away():
    with Rig(SLOW) as rig:
        cli(rig, "backup", "slow", "--no-wait")
        running(rig)
        waiter = subprocess.Popen([program(), "--url", f"127.0.0.1:{rig.port}", "wait", "1", "--patience", "1"], stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)
        rig.kill()
        _, err = waiter.communicate(timeout=30 * Rig.slow)
        expect(waiter.returncode == 3 and "wait 1 follows it again" in err, waiter.returncode, err)


def test_command_line_follows_events_and_asks_little():
    with Rig(slot("slow", target="nor", chip="EF4014", speed=1, spi_hz=8000000)) as rig:
        cli(rig, "backup", "slow")
        metrics = rig.ask("GET", "/metrics").body.decode()
        jobs = [line for line in metrics.splitlines() if line.startswith("flashrig_http_requests_total")]
        expect(jobs, metrics[:500])
        asked = sum(float(line.split()[-1]) for line in jobs)
        took = rig.api("GET", "/jobs/1")
        expect(took["state"] == "done" and asked < 12, "requests for one job of seconds:", asked, jobs)
