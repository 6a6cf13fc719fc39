"""The contract, from outside."""

import gzip
import json
import re
import socket
import time

from rigd import Rig, expect, slot

BARE = slot("a", target="nor", chip="EF4014")
SLOW = slot("slow", target="nor", chip="EF4018", speed=1)


def test_info_and_slots_say_what_there_is():
    with Rig(BARE + slot("b", target="bk7252", chip="XT25F32B", uart="sim")) as rig:
        info = rig.api("GET", "/info")
        expect(info["name"] == "bench-1" and info["api"] == 1 and info["demo"] is False, info)
        expect({"version", "schema", "uptime_s"} <= set(info), info)
        slots = rig.api("GET", "/slots")["slots"]
        expect([s["name"] for s in slots] == ["a", "b"], slots)
        expect(slots[1] == {"name": "b", "board": "sim", "target": "bk7252", "state": "idle", "job": None, "queued": 0,
                            "chip": None, "device": None, "last_error": None, "hands_free": None, "simulated": True,
                            "transports": ["spi", "uart"], "cen": True, "log": True}, slots[1])
        expect(rig.api("GET", "/slots/b") == slots[1])
        rig.error("GET", "/slots/nobody", 404, "not-found")


def test_job_has_the_shape_of_the_contract():
    with Rig(BARE) as rig:
        reply = rig.ask("POST", "/api/v1/jobs", {"type": "identify", "slot": "a"})
        expect(reply.status == 202 and reply.headers["location"] == f"/api/v1/jobs/{reply.json['id']}", reply.headers)
        job = rig.wait(reply.json["id"])
        expect({"id", "type", "slot", "batch", "state", "phase", "progress", "created_at", "started_at", "finished_at",
                "error", "result"} <= set(job), job)
        expect(job["state"] == "done" and job["error"] is None and job["batch"] is None, job)
        expect(job["result"]["jedec_id"] == "EF4014" and job["result"]["chip"], job["result"])
        expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", job["finished_at"]), job["finished_at"])
        log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/log")
        expect(log.status == 200 and log.headers["content-type"].startswith("text/plain"), log.headers)
        expect(b"probe" in log.body, log.body)


def test_bad_requests_are_told_apart():
    with Rig(BARE + SLOW) as rig:
        e = rig.error("POST", "/jobs", 422, "unprocessable", {"type": "backup", "slot": "nobody"})
        expect("nobody" in e["message"], e)
        rig.error("POST", "/jobs", 400, "bad-request", {"type": "dance", "slot": "a"})
        rig.error("POST", "/jobs", 400, "bad-request", {"slot": "a"})
        rig.error("POST", "/jobs", 400, "bad-request", {"type": "backup", "slot": 7})
        e = rig.error("POST", "/jobs", 400, "bad-request", {"type": "backup", "slot": "a", "lenght": 5})
        expect("lenght" in e["message"], e)
        rig.error("POST", "/jobs", 400, "bad-request", {"type": "backup", "slot": "a", "length": -1})
        rig.error("POST", "/jobs", 400, "bad-request", {"type": "backup", "slot": "a", "offset": 1.5})
        rig.error("POST", "/jobs", 400, "bad-request", {"type": "identify", "slot": "a", "offset": 0})
        json_type = {"Content-Type": "application/json"}
        for body in ("{", "[]", "null", '{"type":"backup","slot":"a"} x', '{"type":"backup","type":"backup","slot":"a"}',
                     "[" * 100 + "]" * 100, '{"slot":"\xff"}'.encode("latin-1"), ""):
            rig.error("POST", "/jobs", 400, "bad-request", body, json_type, raw=True)
        rig.error("POST", "/jobs", 415, "unsupported-media-type", "a=b", {"Content-Type": "application/x-www-form-urlencoded"}, raw=True)
        rig.error("POST", "/jobs", 413, "too-large", '{"slot":"' + "a" * 70000 + '"}', json_type, raw=True)
        rig.error("GET", "/jobs/0x1", 404, "not-found")
        rig.error("GET", "/jobs/999", 404, "not-found")
        rig.error("GET", "/nowhere", 404, "not-found")
        rig.error("GET", "/jobs?sate=done", 400, "bad-request")
        rig.error("GET", "/jobs?limit=many", 400, "bad-request")
        rig.error("GET", "/jobs?state=asleep", 400, "bad-request")
        rig.error("GET", "/dumps/1", 404, "not-found")
        rig.error("GET", "/dumps/1/content", 404, "not-found")
        rig.error("POST", "/jobs/1/cancel", 404, "not-found")
        reply = rig.ask("PUT", "/api/v1/jobs", {})
        expect(reply.status == 405 and {"GET", "POST"} <= set(re.split(", *", reply.headers["allow"])), reply.headers)
        expect(reply.json["error"]["code"] == "method-not-allowed")
        expect(rig.api("GET", "/jobs")["jobs"] == [], "a refused job must not be stored")


def test_foreign_hosts_and_origins_are_refused():
    with Rig(BARE) as rig:
        rig.error("GET", "/info", 421, "wrong-host", headers={"Host": "evil.example"})
        rig.error("POST", "/jobs", 403, "forbidden", {"type": "identify", "slot": "a"}, {"Origin": "http://evil.example"})
        for host in (f"localhost:{rig.port}", f"127.0.0.1:{rig.port}", f"[::1]:{rig.port}"):
            expect(rig.ask("GET", "/api/v1/info", headers={"Host": host}).status == 200, host)
        own = {"Host": f"localhost:{rig.port}", "Origin": f"http://localhost:{rig.port}"}
        expect(rig.ask("POST", "/api/v1/jobs", {"type": "identify", "slot": "a"}, own).status == 202)


def test_same_idempotency_key_is_the_same_job_across_restarts():
    with Rig(BARE) as rig:
        key = {"Idempotency-Key": "first try"}
        job = rig.submit("identify", "a", headers=key)
        expect(rig.submit("identify", "a", headers=key) == job)
        rig.error("POST", "/jobs", 409, "conflict", {"type": "backup", "slot": "a"}, key)
        rig.wait(job)
        rig.stop()
        rig.start()
        expect(rig.submit("identify", "a", headers=key) == job, "the key is kept with the job")
        expect(len(rig.api("GET", "/jobs")["jobs"]) == 1)


def test_jobs_are_listed_newest_first_in_pages():
    with Rig(BARE + slot("b", target="nor", chip="EF4014")) as rig:
        ids = [rig.submit("identify", "ab"[n % 2]) for n in range(7)]
        for job in ids:
            rig.wait(job)
        page = rig.api("GET", "/jobs?limit=3")
        expect([j["id"] for j in page["jobs"]] == ids[:3:-1], page)
        rest = rig.api("GET", f"/jobs?limit=10&before={page['next']}")
        expect([j["id"] for j in rest["jobs"]] == ids[3::-1] and rest["next"] is None, rest)
        expect({j["slot"] for j in rig.api("GET", "/jobs?slot=b")["jobs"]} == {"b"})
        expect(rig.api("GET", "/jobs?state=failed")["jobs"] == [])
        expect(len(rig.api("GET", "/jobs?type=identify&state=done&slot=a")["jobs"]) == 4)


def test_running_and_queued_jobs_can_be_cancelled():
    with Rig(SLOW + slot("deaf", target="bk7252", chip="XT25F32B", entry_success=0, speed=1)) as rig:
        entering = rig.submit("backup", "deaf")
        running, queued = rig.submit("backup", "slow"), rig.submit("backup", "slow")
        rig.wait_phase(running, "read")
        expect(rig.api("GET", "/slots/slow")["state"] == "busy" and rig.api("GET", "/slots/slow")["queued"] == 1)
        rig.error("POST", "/slots/deaf/reset", 409, "conflict")
        rig.wait_phase(entering, "enter")
        for job in (queued, running, entering):
            rig.api("POST", f"/jobs/{job}/cancel", status=202)
        for job in (queued, running, entering):
            ended = rig.wait(job, 5)
            expect(ended["state"] == "cancelled" and ended["error"]["code"] == "cancelled", ended)
        rig.error("POST", f"/jobs/{running}/cancel", 409, "conflict")
        expect(rig.api("GET", "/dumps")["dumps"] == [])
        expect(rig.ask("POST", "/api/v1/slots/deaf/reset").status == 204)


def test_queue_of_a_slot_is_bounded():
    with Rig(SLOW, rig="max_queued = 3") as rig:
        first = rig.submit("backup", "slow")
        rig.wait_phase(first, "read")
        for _ in range(3):
            rig.submit("identify", "slow")
        rig.error("POST", "/jobs", 429, "too-many", {"type": "identify", "slot": "slow"})


def test_labels_notes_and_tags_can_be_changed():
    with Rig(BARE) as rig:
        dump = rig.backup("a")["result"]["dump"]
        new = {"label": "Türklingel", "notes": "bought 2026", "tags": ["factory", "door"]}
        changed = rig.api("PATCH", f"/dumps/{dump}", new)
        expect({k: changed[k] for k in new} == new, changed)
        rig.error("PATCH", f"/dumps/{dump}", 400, "bad-request", {"crc32": "00000000"})
        expect(rig.api("GET", "/dumps?q=klingel")["dumps"][0]["id"] == dump)
        expect(rig.api("GET", "/dumps?q=nothing")["dumps"] == [])
        expect(rig.api("GET", f"/dumps?sha256={changed['sha256'][:10]}&jedec_id=EF4014")["dumps"][0]["id"] == dump)


def test_page_and_its_parts_are_served():
    with Rig(BARE) as rig:
        page = rig.ask("GET", "/")
        expect(page.status == 200 and page.headers["content-type"].startswith("text/html"), page.headers)
        expect("default-src" in page.headers["content-security-policy"])
        for path in re.findall(r'(?:src|href)="(/?[\w.-]+\.(?:js|css|svg))"', page.body.decode()):
            part = rig.ask("GET", "/" + path.lstrip("/"))
            expect(part.status == 200 and part.body, path)
            expect(rig.ask("GET", "/" + path.lstrip("/"), headers={"If-None-Match": part.headers["etag"]}).status == 304, path)
            packed = rig.ask("GET", "/" + path.lstrip("/"), headers={"Accept-Encoding": "gzip, br"})
            expect(packed.headers["content-encoding"] == "gzip" and gzip.decompress(packed.body) == part.body, path)
            expect(packed.headers["etag"] != part.headers["etag"] and packed.headers["vary"] == "Accept-Encoding", packed.headers)
            plain = rig.ask("GET", "/" + path.lstrip("/"), headers={"Accept-Encoding": "gzip;q=0"})
            expect("content-encoding" not in plain.headers and plain.body == part.body, path)
        spec = rig.ask("GET", "/api/v1/openapi.yaml")
        expect(spec.status == 200 and spec.body.startswith(b"openapi: 3.1"), spec.status)
        expect(rig.ask("GET", "/healthz").status == 200)
        expect(rig.ask("HEAD", "/").body == b"")


def test_chips_can_be_looked_up():
    with Rig(BARE) as rig:
        chips = rig.api("GET", "/chips?q=XT25F32B")["chips"]
        expect(chips[0]["jedec_id"] == "0B4016" and chips[0]["size"] == 4 << 20 and "XT25F32B" in chips[0]["parts"], chips)


def test_large_heads_and_slow_clients_are_cut():
    with Rig(BARE, http="head_timeout = 1s") as rig:
        reply = rig.ask("GET", "/api/v1/info", headers={"X-Large": "a" * 40000})
        expect(reply.status in (413, 431), reply.status)
        with socket.create_connection(("127.0.0.1", rig.port), timeout=15) as s:
            start = time.monotonic()
            s.sendall(b"GET /api/v1/info HTTP/1.1\r\n")
            s.settimeout(0.2)
            cut = False
            while not cut and time.monotonic() - start < 12:
                try:
                    s.sendall(b"X: y\r\n")
                    cut = s.recv(100) == b""
                except TimeoutError:
                    pass
                except OSError:
                    cut = True
            expect(cut, "a head that trickles was not cut")
        expect(rig.api("GET", "/info")["api"] == 1)


def test_connections_of_one_address_are_limited():
    with Rig(BARE, http="max_connections_per_address = 8") as rig:
        sockets = [socket.create_connection(("127.0.0.1", rig.port), timeout=5) for _ in range(20)]
        try:
            answered = 0
            for s in sockets:
                try:
                    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    answered += s.recv(12) == b"HTTP/1.1 200"
                except OSError:
                    pass
            expect(answered <= 8, answered, "of 20 connections were served")
        finally:
            for s in sockets:
                s.close()
        time.sleep(0.3)
        expect(json.loads(rig.ask("GET", "/api/v1/info").body)["api"] == 1)
