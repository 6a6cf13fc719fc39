"""Who may do what: tokens, scopes, sessions, and the command line that makes them."""

import glob
import http.client
import os
import re
import sqlite3
import subprocess
import time

from images import noise
from rigd import Rig, expect, slot

BARE = slot("a", target="nor", chip="EF4014")
SLOW = slot("slow", target="nor", chip="EF4018", speed=1)
LOCKED = "require_token = yes"
TOKEN = re.compile(r"frt_[0-9a-f]{64}")
RANKS = {"read": 1, "operate": 2, "admin": 3}


def run_token(rig, *words, status=0):
    done = subprocess.run([rig.program, "--config", rig.config, "--data", rig.data, "token", *words],
                          capture_output=True, text=True, timeout=60, check=False)
    expect(done.returncode == status, "token", *words, "gave", done.returncode, done.stdout, done.stderr)
    return done


def make(rig, name, scope):
    out = run_token(rig, "add", name, "--scope", scope).stdout
    expect(TOKEN.fullmatch(out.strip()) and out.endswith("\n"), "the token is not alone on its line:", out)
    return out.strip()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def log_in(rig, token, status=204):
    reply = rig.ask("POST", "/api/v1/session", {"token": token})
    expect(reply.status == status, "login answered", reply.status, reply.body)
    return {"Cookie": reply.headers["set-cookie"].split(";")[0]} if status == 204 else reply


# method, path, body, the scope it needs (None: nobody has to show anything), what it answers to those who may
TABLE = [
    ("GET", "+/", None, None, 200),
    ("GET", "+/app.js", None, None, 200),
    ("GET", "+/style.css", None, None, 200),
    ("GET", "+/healthz", None, None, 200),
    ("GET", "+/metrics", None, "read", 200),
    ("GET", "/info", None, None, 200),
    ("GET", "/openapi.yaml", None, "read", 200),
    ("GET", "/slots", None, "read", 200),
    ("GET", "/slots/a", None, "read", 200),
    ("GET", "/jobs", None, "read", 200),
    ("GET", "/jobs/1", None, "read", 200),
    ("GET", "/jobs/1/log", None, "read", 200),
    ("GET", "/archive", None, "read", 200),
    ("GET", "/dumps", None, "read", 200),
    ("GET", "/dumps/1", None, "read", 200),
    ("GET", "/dumps/1/content", None, "read", 200),
    ("HEAD", "/dumps/1/content", None, "read", 200),
    ("GET", "/dumps/1/analysis", None, "read", 200),
    ("GET", "/dumps/1/analysis?secrets=1", None, "admin", 200),
    ("GET", "/dumps/1/map", None, "read", 200),
    ("GET", "/images", None, "read", 200),
    ("GET", "/devices", None, "read", 200),
    ("GET", "/chips?q=XT25F32B", None, "read", 200),
    ("GET", "/config", None, "read", 200),
    ("GET", "/tokens", None, "admin", 200),
    ("POST", "/tokens", {"name": "a b", "scope": "read"}, "admin", 400),
    ("DELETE", "/tokens/99", None, "admin", 404),
    ("GET", "/audit", None, "admin", 200),
    ("POST", "/slots/a/reset", None, "operate", 422),
    ("POST", "/jobs", {"type": "identify", "slot": "a"}, "operate", 202),
    ("POST", "/jobs/1/cancel", None, "operate", 409),
    ("POST", "/images?name=x.bin", b"some bytes", "operate", 201),
    ("POST", "/dumps?jedec_id=EF4014", b"some bytes", "operate", 201),
    ("PATCH", "/dumps/1", {"label": "mine"}, "operate", 200),
    ("PATCH", "/images/1", {"name": "y.bin"}, "operate", 200),
    ("PATCH", "/devices/99", {"label": "mine"}, "operate", 404),
    ("POST", "/jobs", {"type": "erase", "slot": "nobody", "force": True}, "admin", 422),
    ("POST", "/jobs", {"type": "erase", "slot": "nobody", "force": False}, "operate", 422),
    ("DELETE", "/dumps/99", None, "admin", 404),
    ("DELETE", "/dumps/99?force=1", None, "admin", 404),
    ("DELETE", "/images/99", None, "admin", 404),
    ("DELETE", "/session", None, None, 204),  # the last: it ends a session
]


def wanted(needs, has, status):
    if needs is None:
        return status
    if has is None:
        return 401
    return status if RANKS[has] >= RANKS[needs] else 403


def try_all(rig, has, headers):
    for method, path, body, needs, status in TABLE:
        raw = isinstance(body, bytes)
        reply = rig.ask(method, path if path[0] == "+" else "/api/v1" + path, body, headers, raw)
        expect(reply.status == wanted(needs, has, status), has, method, path, "answered", reply.status, reply.body[:200])
        if reply.status in (401, 403) and method != "HEAD":
            error = reply.json["error"]
            expect(error["hint"] and error["code"] == {401: "unauthorized", 403: "forbidden"}[reply.status], error)
            names = "operate" if "force" in str(body) and has == "read" else needs  # the route comes first
            expect(reply.status != 403 or f'"{names}"' in error["message"], "the scope is not named:", error)
            expect(reply.status != 401 or reply.headers["www-authenticate"] == "Bearer", reply.headers)


def test_each_scope_may_do_what_the_table_says():
    with Rig(BARE, LOCKED) as rig:
        tokens = {scope: make(rig, f"{scope}-er", scope) for scope in RANKS}
        admin = bearer(tokens["admin"])
        job = rig.api("POST", "/jobs", {"type": "backup", "slot": "a"}, admin, 202)["id"]
        while rig.api("GET", f"/jobs/{job}", headers=admin)["state"] != "done":
            time.sleep(0.02)
        rig.ask("POST", "/api/v1/images?name=first.bin", noise(100, 1), admin, raw=True)
        try_all(rig, None, {})
        for scope, token in tokens.items():
            try_all(rig, scope, bearer(token))
            try_all(rig, scope, log_in(rig, token))


def test_open_rig_needs_no_token():
    with Rig(BARE) as rig:
        expect(rig.api("GET", "/info")["auth"] == {"needed": False, "scope": "admin"})
        rig.backup("a")
        rig.ask("POST", "/api/v1/images?name=first.bin", noise(100, 1), raw=True)
        try_all(rig, "admin", {})


def test_info_tells_the_page_what_it_may_offer():
    with Rig(BARE, LOCKED) as rig:
        expect(rig.api("GET", "/info")["auth"] == {"needed": True, "scope": None})
        token = make(rig, "reader", "read")
        expect(rig.api("GET", "/info", headers=bearer(token))["auth"] == {"needed": True, "scope": "read"})
        for _ in range(30):
            expect(rig.api("GET", "/info", headers=bearer("frt_wrong"))["auth"]["scope"] is None)
        rig.api("GET", "/slots", headers=bearer("frt_wrong"), status=401)


def test_revoked_token_is_of_no_use_at_once():
    with Rig(BARE, LOCKED) as rig:
        kept, lost = make(rig, "kept", "operate"), make(rig, "lost", "operate")
        sessions = log_in(rig, kept), log_in(rig, lost)
        run_token(rig, "revoke", "lost")
        for headers in (bearer(lost), sessions[1]):
            error = rig.error("GET", "/slots", 401, "unauthorized", headers=headers)
            expect("revoked" in error["message"], error)
        for headers in (bearer(kept), sessions[0]):
            rig.api("GET", "/slots", headers=headers)
        log_in(rig, lost, 401)
        for _ in range(30):  # it is no guess
            rig.api("GET", "/slots", headers=bearer(lost), status=401)
        again = make(rig, "lost", "read")
        expect(rig.api("GET", "/info", headers=bearer(again))["auth"]["scope"] == "read")
        rig.api("GET", "/slots", headers=sessions[1], status=401)


def test_follower_hears_no_more_when_its_token_is_revoked():
    with Rig(SLOW, LOCKED) as rig:
        boss, spy = make(rig, "boss", "admin"), make(rig, "spy", "read")
        c = http.client.HTTPConnection("127.0.0.1", rig.port, timeout=20 * rig.slow)
        c.request("GET", "/api/v1/events", headers=log_in(rig, spy))
        stream = c.getresponse()
        expect(stream.status == 200 and stream.readline() == b"event: snapshot\n")
        job = rig.api("POST", "/jobs", {"type": "backup", "slot": "slow"}, bearer(boss), 202)["id"]
        run_token(rig, "revoke", "spy")
        end = time.monotonic() + 15 * rig.slow
        while stream.readline():
            expect(time.monotonic() < end, "the stream goes on")
        c.close()
        rig.api("POST", f"/jobs/{job}/cancel", headers=bearer(boss), status=202)
        c.request("GET", "/api/v1/events")
        expect(c.getresponse().status == 401)
        c.close()


def test_session_works_until_it_is_ended():
    with Rig(BARE, LOCKED) as rig:
        token = make(rig, "page", "operate")
        reply = rig.ask("POST", "/api/v1/session", {"token": token})
        attributes = set(reply.headers["set-cookie"].split("; ")[1:])
        expect({"HttpOnly", "SameSite=Strict", "Path=/"} <= attributes, attributes)
        expect(token not in str(reply.headers) and not reply.body, "the token comes back")
        cookie = {"Cookie": f"theme=dark; {reply.headers['set-cookie'].split(';')[0]}; x=y"}
        expect(rig.api("GET", "/info", headers=cookie)["auth"]["scope"] == "operate")
        rig.api("POST", "/jobs", {"type": "identify", "slot": "a"}, cookie, 202)
        ended = rig.ask("DELETE", "/api/v1/session", headers=cookie)
        expect(ended.status == 204 and "Max-Age=0" in ended.headers["set-cookie"], ended.headers)
        for _ in range(30):  # a page that was left open is no guess either
            rig.error("GET", "/slots", 401, "unauthorized", headers=cookie)
        log_in(rig, token)
        rig.error("POST", "/session", 400, "bad-request", {})
        rig.error("POST", "/session", 400, "bad-request", {"token": 7})
        rig.error("POST", "/session", 400, "bad-request", {"token": token, "remember": True})
        rig.error("POST", "/session", 403, "forbidden", {"token": token}, {"Origin": "http://evil.example"})


def test_sessions_are_bounded_and_the_oldest_goes_first():
    with Rig(BARE, LOCKED) as rig:
        token = make(rig, "page", "read")
        first = log_in(rig, token)
        second = log_in(rig, token)
        for _ in range(255):
            last = log_in(rig, token)
        rig.api("GET", "/slots", headers=first, status=401)
        rig.api("GET", "/slots", headers=second)
        rig.api("GET", "/slots", headers=last)


def test_wrong_tokens_are_limited():
    with Rig(BARE, LOCKED) as rig:
        token = make(rig, "right", "read")
        session = log_in(rig, token)
        for n in range(10):
            rig.error("POST", "/session", 401, "unauthorized", {"token": f"frt_{n:064x}"})
        rig.error("POST", "/session", 429, "too-many", {"token": "frt_no"})
        rig.error("POST", "/session", 429, "too-many", {"token": token})
        rig.error("GET", "/slots", 429, "too-many", headers=bearer("frt_no"))
        rig.api("GET", "/slots", headers=session)
        rig.api("GET", "/slots", headers=bearer(token))
        rig.error("GET", "/slots", 401, "unauthorized")


def test_what_is_no_token_is_refused():
    with Rig(BARE, LOCKED) as rig:
        token = make(rig, "right", "read")
        for text in ("", "Bearer", "Bearer ", f"Basic {token}", f"Bearer {token}x", f"Bearer {token[:-1]}"):
            rig.error("GET", "/slots", 401, "unauthorized", headers={"Authorization": text})
        rig.api("GET", "/slots", headers={"Authorization": f"bearer   {token}"})
        for text in ("flashrig=", f"flashrig={token}", "flashrig=" + "0" * 64, ";;;=;", "flashrig"):
            rig.error("GET", "/slots", 401, "unauthorized", headers={"Cookie": text})
        for path in (f"/slots?token={token}", f"/slots?access_token={token}"):
            rig.error("GET", path, 401, "unauthorized")


def test_open_address_gets_a_first_token_once():
    with Rig(BARE, args=["--listen", "0.0.0.0:0"]) as rig:
        shown = re.findall(r"admin token: (\S+)", rig.stderr())
        expect(len(shown) == 1 and TOKEN.fullmatch(shown[0]), rig.stderr())
        rig.error("GET", "/slots", 401, "unauthorized")
        expect(rig.api("GET", "/info", headers=bearer(shown[0]))["auth"] == {"needed": True, "scope": "admin"})
        rig.stop()
        rig.start()
        expect(rig.stderr().count("admin token:") == 1, "shown a second time")
        rig.api("GET", "/slots", headers=bearer(shown[0]))


def test_no_first_token_where_there_is_one_or_none_is_needed():
    with Rig(BARE) as rig:
        expect("token" not in rig.stderr(), rig.stderr())
        make(rig, "mine", "admin")
        rig.stop()
        rig.args = ["--listen", "0.0.0.0:0"]
        rig.start()
        expect("admin token" not in rig.stderr(), rig.stderr())


def test_command_line_of_tokens():
    with Rig(BARE, LOCKED) as rig:
        run_token(rig, "revoke", "first-start")
        expect(run_token(rig, "list").stdout == "")
        make(rig, "bench", "operate")
        make(rig, "wall.display", "read")
        lines = [line.split() for line in run_token(rig, "list").stdout.splitlines()]
        expect({(line[0], line[1]) for line in lines} == {("bench", "operate"), ("wall.display", "read")}, lines)
        expect("bench" in run_token(rig, "add", "bench", "--scope", "read", status=1).stderr)
        expect("nobody" in run_token(rig, "revoke", "nobody", status=1).stderr)
        run_token(rig, "revoke", "bench")
        expect("bench" in run_token(rig, "revoke", "bench", status=1).stderr)
        for words in ((), ("add",), ("add", "x"), ("add", "x", "--scope"), ("add", "x", "--scope", "root"),
                      ("add", "a b", "--scope", "read"), ("add", "x" * 64, "--scope", "read"), ("list", "x"),
                      ("list", "--scope", "read"), ("revoke",), ("dance", "x"), ("add", "", "--scope", "read")):
            expect(run_token(rig, *words, status=2).stdout == "", words)
        with sqlite3.connect(os.path.join(rig.data, "archive.db")) as db:
            db.executemany("INSERT INTO token (name, scope, sha256, created_ms) VALUES (?, 'read', ?, 0)",
                           [(f"many-{n}", noise(32, n)) for n in range(120)])
        listed = [line.split()[0] for line in run_token(rig, "list").stdout.splitlines()]
        expect(len(set(listed)) == len(listed) == 121, listed)


def test_tokens_can_be_made_before_the_first_start():
    rig = Rig(BARE, LOCKED)
    done = subprocess.run([rig.program, "--data", rig.data, "token", "add", "early", "--scope", "operate"],
                          capture_output=True, text=True, timeout=60, check=True)
    with rig:
        expect("admin token" not in rig.stderr())
        rig.api("GET", "/slots", headers=bearer(done.stdout.strip()))


def test_token_is_in_no_log_and_no_file():
    with Rig(BARE, LOCKED, args=["--log", "debug"]) as rig:
        token = make(rig, "secret", "admin")
        session = log_in(rig, token)["Cookie"].split("=")[1]
        rig.api("POST", "/jobs", {"type": "identify", "slot": "a"}, bearer(token), 202)
        rig.error("POST", "/session", 401, "unauthorized", {"token": token[:-1] + "x"})
        rig.stop()
        secrets = [token.encode(), token[4:].encode(), bytes.fromhex(token[4:]), session.encode(), bytes.fromhex(session)]
        for path in glob.glob(rig.dir + "/**", recursive=True):
            try:
                with open(path, "rb") as f:
                    content = f.read()
            except IsADirectoryError:
                continue
            expect(not any(secret in content for secret in secrets), path, "holds a secret")
