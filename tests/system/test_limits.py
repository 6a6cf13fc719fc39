"""Everything that a client can make grow has a limit: each from outside, with a job that runs meanwhile."""

import http.client
import json
import socket
import threading
import time

from images import noise
from rigd import Failed, Rig, expect, slot
from test_auth import BARE

WORKING = slot("slow", target="nor", chip="EF4012", speed=1)  # 256 KiB in real time: half a second
JSON = {"Content-Type": "application/json"}
BYTES = {"Content-Type": "application/octet-stream"}


class Working:
    """A rig on which a job runs until the block ends; it must come to its end."""

    def __init__(self, http="", rig=""):
        self.rig = Rig(BARE + WORKING, http, rig)

    def __enter__(self):
        self.rig.__enter__()
        self.job = self.rig.submit("backup", "slow")
        return self.rig

    def __exit__(self, *exc):
        if exc[0] is None:
            expect(self.rig.api("GET", "/info")["api"] == 1)
            job = self.rig.wait(self.job)
            expect(job["state"] == "done" and job["result"]["verified"], job)
        self.rig.__exit__(*exc)


def connect(rig, source=None):
    return socket.create_connection(("127.0.0.1", rig.port), timeout=20 * rig.slow, source_address=(source, 0) if source else None)


def say(s, text):
    try:
        s.sendall(text if isinstance(text, bytes) else text.encode())
    except OSError:
        pass  # it was cut already: what comes back tells


def status(s):
    """Of the reply, or None when the connection ends without one."""
    try:
        line = s.makefile("rb").readline()
    except OSError:
        return None
    return int(line.split()[1]) if line.startswith(b"HTTP/1.1 ") else None


def head(method, path, *lines):
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""))


def test_json_bodies_are_bounded():
    with Working() as rig:
        body = '{"type":"identify","slot":"' + "a" * (65536 - 29) + '"}'
        expect(len(body) == 65536)
        rig.error("POST", "/jobs", 400, "bad-request", body, JSON, raw=True)
        rig.error("POST", "/jobs", 413, "too-large", body + " ", JSON, raw=True)
        with connect(rig) as s:  # a body that does not say how long it is
            say(s, head("POST", "/api/v1/jobs", "Content-Type: application/json", "Transfer-Encoding: chunked"))
            for _ in range(40):
                say(s, b"1000\r\n" + b" " * 4096 + b"\r\n")
            say(s, b"0\r\n\r\n")
            expect(status(s) == 413)
        with connect(rig) as s:  # one that only says so is told before it sends
            say(s, head("POST", "/api/v1/jobs", "Content-Type: application/json", "Content-Length: 900000000", "Expect: 100-continue"))
            expect(status(s) == 413)
    with Rig(BARE, "max_json_body = 1K") as rig:
        rig.error("POST", "/jobs", 413, "too-large", '{"slot":"' + "a" * 1200 + '"}', JSON, raw=True)


def test_json_depth_is_bounded():
    with Working() as rig:
        for depth in (30, 31, 32, 30000):
            error = rig.error("POST", "/jobs", 400, "bad-request", '{"x":' + "[" * depth + "]" * depth + "}", JSON, raw=True)
            expect(("32" in error["message"]) == (depth > 31), depth, error)
    with Rig(BARE, "json_depth = 4") as rig:
        expect("4" in rig.error("POST", "/jobs", 400, "bad-request", '{"x":[[[[]]]]}', JSON, raw=True)["message"])


def test_uploads_are_bounded():
    with Working() as rig:
        for path in ("/api/v1/images?name=x", "/api/v1/dumps?jedec_id=EF4014"):
            with connect(rig) as s:
                say(s, head("POST", path, "Content-Type: application/octet-stream", f"Content-Length: {(64 << 20) + 1}"))
                expect(status(s) == 413, path)
        with connect(rig) as s:
            say(s, head("POST", "/api/v1/images?name=x", "Content-Type: application/octet-stream", "Transfer-Encoding: chunked"))
            piece, sent = noise(1 << 20, 1), 0
            while sent <= 65 and not is_cut(s):
                say(s, b"100000\r\n" + piece + b"\r\n")
                sent += 1
            say(s, b"0\r\n\r\n")
            expect(status(s) in (413, None), "more than 64 MiB is taken")
        expect(rig.api("GET", "/images")["images"] == [], "something stays")


def is_cut(s):
    s.setblocking(False)
    try:
        return s.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        s.setblocking(True)


def test_heads_are_bounded():
    with Working() as rig:
        for lines in (["X-Large: " + "a" * 33000], [f"X-{n}: {'b' * 300}" for n in range(120)], ["Cookie: " + "c" * 40000]):
            with connect(rig) as s:
                say(s, head("GET", "/api/v1/info", *lines))
                expect(status(s) == 431, len(lines))
        with connect(rig) as s:
            say(s, head("GET", "/api/v1/jobs?slot=" + "a" * 40000))
            expect(status(s) in (414, 431), "a long URL")
        with connect(rig) as s:
            say(s, head("GET", "/api/v1/info", "X-Large: " + "a" * 31000))
            expect(status(s) == 200)
    with Rig(BARE, "max_headers = 2K") as rig:
        reply = rig.ask("GET", "/api/v1/info", headers={"X-Large": "a" * 3000})
        expect(reply.status == 431, reply.status)


def test_parameters_are_bounded():
    with Working() as rig:
        rig.error("GET", "/jobs?" + "&".join(f"p{n}=1" for n in range(500)), 400, "bad-request")
        rig.error("GET", "/jobs?limit=201", 400, "bad-request")
        rig.error("GET", "/jobs?limit=99999999999999999999", 400, "bad-request")
        rig.error("GET", "/slots/" + "a" * 5000, 404, "not-found")


def test_connections_wait_when_there_are_too_many():
    with Working("max_connections = 24\nmax_connections_per_address = 1000") as rig:
        held = [connect(rig) for _ in range(24)]
        late = connect(rig)
        late.settimeout(1)
        say(late, head("GET", "/api/v1/info"))
        expect(status(late) is None, "more connections than there may be")
        for s in held:
            s.close()
        late.close()
        rig.api("GET", "/info")


def test_connections_of_one_address_are_128_by_default():
    with Working() as rig:
        held = []
        for _ in range(150):
            s = connect(rig)
            say(s, head("GET", "/api/v1/info"))
            if status(s) == 200:
                held.append(s)
            else:
                s.close()
        expect(len(held) == 128, len(held))
        with connect(rig, "127.0.0.2") as s:  # others are not kept out
            say(s, head("GET", "/api/v1/info"))
            expect(status(s) == 200)
        for s in held:
            s.close()
        time.sleep(0.3)


def test_streams_are_256_by_default():
    with Working() as rig:
        held, refused = [], 0
        for n in range(270):
            s = connect(rig, f"127.0.0.{2 + n // 100}")
            say(s, head("GET", "/api/v1/events"))
            code = status(s)
            expect(code in (200, 429), code)
            held.append(s)
            refused += code == 429
        expect(refused == 270 - 256, refused)
        expect(rig.ask("GET", "/metrics").body.count(b"flashrig_event_followers 256"), "followers")
        for s in held:
            s.close()
        end = time.monotonic() + 40 * rig.slow
        while True:  # those who have gone are found by the heartbeat at the latest
            with connect(rig) as s:
                say(s, head("GET", "/api/v1/events"))
                if status(s) == 200:
                    break
            expect(time.monotonic() < end, "streams of clients that have gone are held")
            time.sleep(0.5)


def test_queue_holds_64_jobs_by_default():
    with Working() as rig:
        codes = [rig.ask("POST", "/api/v1/jobs", {"type": "identify", "slot": "slow"}).status for _ in range(66)]
        expect(codes == [202] * 64 + [429] * 2, codes)
        error = rig.error("POST", "/jobs", 429, "too-many", {"type": "identify", "slot": "slow"})
        expect("slow" in error["message"], error)
        rig.api("POST", "/jobs", {"type": "identify", "slot": "a"}, status=202)
        for job in rig.api("GET", "/jobs?slot=slow&state=queued&limit=100")["jobs"]:
            expect(rig.ask("POST", f"/api/v1/jobs/{job['id']}/cancel").status in (202, 409), job)  # one may have its turn


def test_slow_clients_are_cut():
    """Half a head, a head that trickles, a body that trickles, a reply that nobody reads: side by side."""
    with Working("head_timeout = 2s") as rig:
        start, ended = time.monotonic(), {}

        def watch(name, s, piece, every):
            while time.monotonic() - start < 30 * rig.slow:
                time.sleep(every)
                if piece:
                    say(s, piece)
                if is_cut(s):
                    ended[name] = time.monotonic() - start
                    return

        openings = {"half a head": ("GET /api/v1/in", b"", 0.1), "trickling head": ("GET / HTTP/1.1\r\nX: ", b"x", 0.1), "nothing": ("", b"", 0.1),
                    "trickling body": (head("POST", "/api/v1/jobs", "Content-Type: application/json", "Content-Length: 60000"), b" ", 0.1),
                    "trickling upload": (head("POST", "/api/v1/images?name=x", "Content-Type: application/octet-stream", "Content-Length: 60000"), b"x" * 20, 0.1)}
        threads = []
        for name, (text, piece, every) in openings.items():
            s = connect(rig)
            say(s, text)
            threads.append(threading.Thread(target=watch, args=(name, s, piece, every)))
            threads[-1].start()
        for t in threads:
            t.join()
        expect(set(ended) == set(openings), "not cut:", set(openings) - set(ended))
        expect(ended["half a head"] > 1.5 and ended["trickling body"] > 4, ended)
        expect(rig.api("GET", "/images")["images"] == [])


def test_kept_connection_serves_many_requests_and_a_late_one():
    with Rig(BARE, "head_timeout = 3s") as rig:
        c = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=20)
        for _ in range(300):
            c.request("GET", "/api/v1/info")
            expect(json.loads(c.getresponse().read())["api"] == 1)
        port = c.sock.getsockname()[1]
        time.sleep(2)
        c.sock.sendall(b"GET /api/v1/info HTTP/1.1\r\nHo")
        time.sleep(2)
        c.sock.sendall(b"st: localhost\r\n\r\n")
        expect(status(c.sock) == 200 and c.sock.getsockname()[1] == port, "a head that comes late is cut")
        c.close()


def test_log_of_a_job_is_bounded():
    with Rig(slot("a", target="nor", chip="EF4016", faults="seed=5 flip=3e-5"), rig="job_log = 4K") as rig:
        job = rig.run("backup", "a")
        log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/log").body
        expect(3000 < len(log) <= 4096 + 200, len(log))
        expect(b"cut" in log[-200:] or b"limit" in log[-200:], log[-200:])


def test_pipelined_requests_are_answered_in_order():
    with Working() as rig, connect(rig) as s:
        say(s, head("GET", "/api/v1/info") * 50 + head("GET", "/api/v1/nothing", "Connection: close"))
        answer = b""
        while piece := s.recv(65536):
            answer += piece
        expect(answer.count(b"HTTP/1.1 200") == 50 and answer.count(b"HTTP/1.1 404") == 1, answer[-300:])


def test_nonsense_does_not_take_the_daemon_down():
    pieces = [b"\x00" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 1000, b"G" * 70000, b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
              b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n", b"GET /%00%ff/../..//etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
              b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n",
              b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              noise(5000, 7)]
    with Working() as rig:
        for n, piece in enumerate(pieces):
            with connect(rig) as s:
                say(s, piece)
                try:
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(65536):
                        pass
                except OSError:
                    pass
            expect(rig.process.poll() is None, "it ended after", n, piece[:60])
        rig.api("GET", "/info")
