"""A flashrigd under test: starts it with a configuration, talks to it, stops or kills it."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import contract


class Failed(AssertionError):
    pass


def expect(condition, *what):
    if not condition:
        raise Failed(" ".join(str(w) for w in what) or "expectation failed")


class Reply:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


class Rig:
    """One daemon and its data folder, which outlives the daemon's restarts."""

    program = None  # path of flashrigd, set by run.py
    tls = None      # an ssl.SSLContext of clients that speak HTTPS
    slow = 1.0      # factor for time-outs; sanitizers are slower

    def __init__(self, slots="", http="", rig="", data=None, args=(), archive=""):
        self.dir = tempfile.mkdtemp(prefix="flashrig-system-")
        self.data = data or os.path.join(self.dir, "data")
        self.args = list(args)
        self.process = None
        self.port = 0
        self.archive = archive
        self.configure(slots, http, rig)

    def configure(self, slots, http="", rig=""):
        self.config = os.path.join(self.dir, "flashrig.conf")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"[rig]\nname = bench-1\n{rig}\n[http]\nlisten = 127.0.0.1:0\n{http}\n[archive]\n{self.archive}\n{slots}\n")

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.stop(check=exc[0] is None)
        shutil.rmtree(self.dir, ignore_errors=True)

    def image(self, name, content):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(content)
        return path

    def command(self):
        return [self.program, "--config", self.config, "--data", self.data, *self.args]

    def start(self, preexec=None):
        self.log = open(os.path.join(self.dir, "stderr"), "ab")
        self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, preexec_fn=preexec)
        line = self.process.stdout.readline()
        if not line.startswith("listening on https://" if self.tls else "listening on http://"):
            self.process.wait(10)
            raise Failed(f"flashrigd did not start: {line!r} {self.stderr()[-800:]}")
        self.port = int(line.strip().rsplit(":", 1)[1])
        return self

    def stderr(self):
        with open(os.path.join(self.dir, "stderr"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None
        self.log.close()

    def stop(self, check=True):
        if not self.process:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(15 * self.slow)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed("flashrigd did not stop after SIGTERM") from None
        self.process.stdout.close()
        self.process = None
        self.log.close()
        if check:
            expect(status == 0, "exit status", status, "instead of 0:", self.stderr()[-1500:])

    def memory_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(next(line for line in f if line.startswith("VmHWM:")).split()[1])

    # ---- HTTP

    def connection(self, timeout):
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def connect(self, timeout):
        """A socket to the daemon, with TLS where it speaks that."""
        s = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return self.tls.wrap_socket(s, server_hostname="localhost") if self.tls else s

    def ask(self, method, path, body=None, headers=None, raw=False):
        c = self.connection(60)
        h = dict(headers or {})
        sent = None if raw else body
        if body is not None and not raw:
            body = json.dumps(body)
            h.setdefault("Content-Type", "application/json")
        try:
            c.request(method, path if path[:1] != "+" else path[1:], body, h)
            response = c.getresponse()
            reply = Reply(response, response.read())
        finally:
            c.close()
        contract.check(method, path if path[:1] != "+" else path[1:], sent, reply)
        return reply

    def api(self, method, path, body=None, headers=None, status=200):
        reply = self.ask(method, "/api/v1" + path, body, headers)
        expect(reply.status == status, method, path, "answered", reply.status, reply.body[:400])
        return reply.json if reply.body else None

    def error(self, method, path, status, code, body=None, headers=None, raw=False):
        reply = self.ask(method, "/api/v1" + path, body, headers, raw)
        expect(reply.status == status, method, path, "answered", reply.status, reply.body[:300], "not", status)
        e = reply.json["error"]
        expect(e["code"] == code, method, path, "code", e["code"], "not", code)
        expect(e["message"], "an error without a message")
        return e

    def submit(self, type_, slot, headers=None, **more):
        return self.api("POST", "/jobs", {"type": type_, "slot": slot, **more}, headers, 202)["id"]

    def wait(self, job, seconds=60):
        end = time.monotonic() + seconds * self.slow
        while time.monotonic() < end:
            j = self.api("GET", f"/jobs/{job}")
            if j["state"] not in ("queued", "running"):
                return j
            time.sleep(0.01)
        raise Failed(f"job {job} does not end: {j}")

    def wait_phase(self, job, phase, seconds=20):
        end = time.monotonic() + seconds * self.slow
        while time.monotonic() < end:
            j = self.api("GET", f"/jobs/{job}")
            if j["phase"] == phase and j["progress"] and j["progress"]["done"] > 0:
                return j
            expect(j["state"] in ("queued", "running"), "job ended before", phase, j)
            time.sleep(0.01)
        raise Failed(f"job {job} never reaches {phase}: {j}")

    def run(self, type_, slot, **more):
        return self.wait(self.submit(type_, slot, **more))

    def backup(self, slot, **more):
        job = self.run("backup", slot, **more)
        expect(job["state"] == "done", "backup", job["state"], job["error"])
        return job

    def content(self, dump, headers=None, query=""):
        return self.ask("GET", f"/api/v1/dumps/{dump}/content{query}", headers=headers)


class Events:
    """A follower of /events, over a socket of its own."""

    def __init__(self, rig, last=None):
        self.socket = rig.connect(20 * rig.slow)
        extra = f"Last-Event-ID: {last}\r\n" if last is not None else ""
        self.socket.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n".encode())
        self.file = http.client.HTTPResponse(self.socket)
        self.file.begin()

    def next(self):
        """(id, type, data) of the next event, comments skipped."""
        event = {}
        while True:
            line = self.file.readline().decode().rstrip("\n")
            if not line and "data" in event:
                data = json.loads(event["data"])
                contract.check_event(event["event"], data)
                return int(event["id"]), event["event"], data
            if line and not line.startswith(":"):
                key, _, value = line.partition(": ")
                event[key] = value

    def close(self):
        self.file.close()
        self.socket.close()


def slot(name, **keys):
    lines = "".join(f"{k} = {v}\n" for k, v in keys.items())
    return f"[slot {name}]\nboard = sim\n{lines}"
