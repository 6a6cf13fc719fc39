"""Tokens made by an admin, the audit log, and the configuration as the daemon sees it."""

import glob
import os
import socket
import sqlite3
import time

from rigd import Rig, expect, slot
from test_auth import BARE, LOCKED, TOKEN, bearer, log_in, make, run_token


def entries(rig, headers=None, **wanted):
    """The audit log, oldest first: those whose members are as wanted."""
    found, before = [], ""
    while True:
        page = rig.api("GET", f"/audit?limit=200{before}", headers=headers)
        found += page["entries"]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    return [e for e in reversed(found) if all(e[k] == v for k, v in wanted.items())]


def test_admin_makes_lists_and_revokes_tokens():
    with Rig(BARE, LOCKED) as rig:
        boss = bearer(make(rig, "boss", "admin"))
        made = rig.api("POST", "/tokens", {"name": "wall", "scope": "read"}, boss, 201)
        expect(TOKEN.fullmatch(made["token"]) and made["revoked_at"] is None, made)
        expect(rig.api("GET", "/info", headers=bearer(made["token"]))["auth"]["scope"] == "read")
        session = log_in(rig, made["token"])
        listed = rig.api("GET", "/tokens", headers=boss)["tokens"]
        expect(listed[0] == {k: v for k, v in made.items() if k != "token"}, listed, made)
        expect([t["name"] for t in listed] == ["wall", "boss", "first-start"], listed)
        expect("wall" in run_token(rig, "list").stdout)
        rig.api("DELETE", f"/tokens/{made['id']}", headers=boss, status=204)
        for headers in (bearer(made["token"]), session):
            rig.error("GET", "/slots", 401, "unauthorized", headers=headers)
        rig.api("DELETE", f"/tokens/{made['id']}", headers=boss, status=204)
        expect(rig.api("GET", "/tokens", headers=boss)["tokens"][0]["revoked_at"])
        rig.api("POST", "/tokens", {"name": "wall", "scope": "operate"}, boss, 201)
        rig.error("POST", "/tokens", 409, "conflict", {"name": "wall", "scope": "operate"}, boss)
        rig.error("DELETE", "/tokens/99", 404, "not-found", headers=boss)
        for body in ({}, {"name": "x"}, {"scope": "read"}, {"name": "", "scope": "read"}, {"name": "a b", "scope": "read"},
                     {"name": "-x", "scope": "read"}, {"name": "x", "scope": "root"}, {"name": "x", "scope": 3},
                     {"name": "x" * 64, "scope": "read"}, {"name": "x", "scope": "read", "token": "frt_mine"}):
            rig.error("POST", "/tokens", 400, "bad-request", body, boss)


def test_last_admin_token_is_kept_where_tokens_are_needed():
    with Rig(BARE, LOCKED) as rig:
        run_token(rig, "revoke", "first-start")
        boss = bearer(make(rig, "boss", "admin"))
        me = rig.api("GET", "/tokens", headers=boss)["tokens"][0]["id"]
        error = rig.error("DELETE", f"/tokens/{me}", 409, "conflict", headers=boss)
        expect("token revoke boss" in error["hint"], error)
        other = bearer(rig.api("POST", "/tokens", {"name": "other", "scope": "admin"}, boss, 201)["token"])
        rig.api("DELETE", f"/tokens/{me}", headers=boss, status=204)
        rig.error("GET", "/tokens", 401, "unauthorized", headers=boss)
        rig.api("GET", "/tokens", headers=other)
    with Rig(BARE) as rig:
        only = rig.api("POST", "/tokens", {"name": "only", "scope": "admin"}, status=201)
        rig.api("DELETE", f"/tokens/{only['id']}", status=204)


def test_tokens_are_bounded():
    with Rig(BARE) as rig:
        rig.api("POST", "/tokens", {"name": "first", "scope": "read"}, status=201)
        with sqlite3.connect(rig.data + "/archive.db", timeout=30) as db:
            db.executemany("INSERT INTO token (name, scope, sha256, created_ms) VALUES (?, 'read', ?, 0)",
                           [(f"many-{n}", n.to_bytes(32)) for n in range(999)])
        error = rig.error("POST", "/tokens", 429, "too-many", {"name": "more", "scope": "read"})
        expect("1000" in error["message"] and error["hint"], error)


def test_audit_says_who_did_what_from_where():
    with Rig(BARE, LOCKED) as rig:
        boss, hand = make(rig, "boss", "admin"), make(rig, "hand", "operate")
        since = len(entries(rig, bearer(boss)))
        session = log_in(rig, hand)
        job = rig.api("POST", "/jobs", {"type": "identify", "slot": "a"}, session, 202)["id"]
        rig.api("GET", "/jobs", headers=session)
        rig.api("POST", "/dumps/lookup", {"sha256": "0" * 64}, session)
        rig.ask("POST", "/api/v1/images?name=secret-name.bin", b"bytes", bearer(hand), raw=True)
        rig.api("PATCH", "/images/1", {"name": "y.bin"}, bearer(hand))
        rig.error("DELETE", "/images/1", 403, "forbidden", headers=bearer(hand))
        rig.error("DELETE", "/images/9", 404, "not-found", headers=bearer(boss))
        rig.error("GET", "/tokens", 403, "forbidden", headers=bearer(hand))
        wall = rig.api("POST", "/tokens", {"name": "wall", "scope": "read"}, bearer(boss), 201)
        rig.api("DELETE", f"/tokens/{wall['id']}", headers=bearer(boss), status=204)
        rig.error("POST", "/session", 401, "unauthorized", {"token": "frt_guess"})
        rig.error("GET", "/slots", 401, "unauthorized", headers=bearer("frt_guess"))
        rig.error("GET", "/slots", 401, "unauthorized")
        rig.error("GET", "/slots", 401, "unauthorized", headers={"Cookie": "flashrig=" + "0" * 64})
        rig.ask("DELETE", "/api/v1/session", headers=session)
        got = [(e["who"], e["method"], e["path"].removeprefix("/api/v1"), e["status"], e["refused"], e["what"])
               for e in entries(rig, bearer(boss))[since:]]
        expected = [
            ("hand", "POST", "/session", 204, False, "login"),
            ("hand", "POST", "/jobs", 202, False, f"job {job}: identify in slot a"),
            ("hand", "POST", "/images", 201, False, "/api/v1/images/1"),
            ("hand", "PATCH", "/images/1", 200, False, ""),
            ("hand", "DELETE", "/images/1", 403, True, "forbidden"),
            ("boss", "DELETE", "/images/9", 404, False, "not-found"),
            ("hand", "GET", "/tokens", 403, True, "forbidden"),
            ("boss", "POST", "/tokens", 201, False, "token wall added (read)"),
            ("boss", "DELETE", f"/tokens/{wall['id']}", 204, False, "token wall revoked"),
            (None, "POST", "/session", 401, True, "unauthorized"),
            (None, "GET", "/slots", 401, True, "unauthorized"),
            ("hand", "DELETE", "/session", 204, False, "logout"),
        ]
        for one, other in zip(got, expected):
            expect(one == other, one, "instead of", other)
        expect(len(got) == len(expected), got[len(expected):])
        one = entries(rig, bearer(boss), what="login")[0]
        expect(one["address"] == "127.0.0.1" and abs(time.time() - time.mktime(time.strptime(one["at"][:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone) < 600, one)


def test_audit_knows_the_command_line():
    with Rig(BARE, LOCKED) as rig:
        boss = bearer(make(rig, "boss", "admin"))
        run_token(rig, "add", "x", "--scope", "read")
        run_token(rig, "revoke", "x")
        run_token(rig, "revoke", "nobody", status=1)
        got = [(e["what"], e["address"], e["method"]) for e in entries(rig, boss, who="command line")]
        expect(got == [("token boss added (admin)", None, None), ("token x added (read)", None, None), ("token x revoked", None, None)], got)


def test_audit_outlives_the_daemon_and_comes_in_pages():
    with Rig(BARE) as rig:
        for n in range(30):
            rig.api("POST", "/slots/nobody/reset", status=404)
        rig.stop()
        rig.start()
        page = rig.api("GET", "/audit?limit=20")
        expect(len(page["entries"]) == 20 and page["next"] == page["entries"][-1]["id"], page)
        rest = rig.api("GET", f"/audit?limit=20&before={page['next']}")
        expect(len(rest["entries"]) == 10 and rest["next"] is None, rest)
        expect(all(e["who"] is None and not e["refused"] for e in page["entries"] + rest["entries"]), page)
        for query in ("limit=0", "limit=201", "before=0", "who=me"):
            rig.error("GET", f"/audit?{query}", 400, "bad-request")
        rig.kill()
        rig.start()
        expect(len(rig.api("GET", "/audit")["entries"]) == 30)


def test_audit_holds_no_secret():
    with Rig(BARE, LOCKED) as rig:
        boss = make(rig, "boss", "admin")
        session = log_in(rig, boss)
        guess = "frt_" + "ab" * 32
        rig.ask("POST", "/api/v1/session", {guess: guess})
        rig.ask("POST", "/api/v1/session", {"token": guess})
        rig.ask("GET", f"/api/v1/slots?token={guess}", headers=bearer(guess))
        rig.ask("POST", f"/api/v1/slots/a/reset?token={guess}", headers=bearer(boss))
        made = rig.api("POST", "/tokens", {"name": "wall", "scope": "read"}, bearer(boss), 201)["token"]
        rig.api("GET", "/audit", headers=session)
        rig.stop()
        for path in glob.glob(rig.data + "/*"):
            with open(path, "rb") as f:
                content = f.read()
            for secret in (boss, made, guess, session["Cookie"].split("=")[1]):
                expect(secret.encode() not in content and secret[4:].encode() not in content, path, "holds a secret")


def test_guesses_push_out_no_deeds_and_are_bounded():
    with Rig(BARE, LOCKED) as rig:
        boss = bearer(make(rig, "boss", "admin"))
        for n in range(60):
            rig.ask("POST", "/api/v1/session", {"token": f"frt_{n}"})
        got = entries(rig, boss, refused=True)
        expect([e["status"] for e in got] == [401] * 10 + [429] * 10, got)


def test_config_is_shown_as_the_daemon_sees_it():
    with Rig(BARE + slot("b", target="bk7252", chip="XT25F32B", entry_success="0.25", unique_id="0102030405060708"),
             "names = rig.example other.example\nmax_upload = 8M") as rig:
        config = rig.api("GET", "/config")
        expect(config["rig"]["name"] == "bench-1" and config["archive"]["path"] == rig.data + "/archive.db", config)
        expect(config["http"]["names"] == "rig.example other.example" and config["http"]["max_upload"] == "8M", config)
        expect(config["http"]["head_timeout"] == "30s" and config["http"]["require_token"] is False, config)
        expect([s["name"] for s in config["slots"]] == ["a", "b"], config)
        b = config["slots"][1]
        expect((b["board"], b["target"], b["chip"], b["entry_success"], b["unique_id"]) ==
               ("sim", "bk7252", "0B4016", 0.25, "0102030405060708") and b["image"] is None, b)
        rig.error("GET", "/config?secrets=1", 400, "bad-request")


def test_journal_gets_priorities_and_others_do_not():
    with Rig(slot("gone", board="linux", target="nor", spi="/dev/none").replace("board = sim\n", "")) as rig:
        rig.stop()
        expect("warning: slot gone is offline" in rig.stderr(), rig.stderr())
        before = len(rig.stderr())
        st = os.stat(rig.dir + "/stderr")
        os.environ["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino}"
        try:
            rig.start()
            rig.stop()
            lines = rig.stderr()[before:].splitlines()
            expect(any(line.startswith("<4>slot gone is offline") for line in lines) and "<6>stopping: SIGTERM" in lines, lines)
            os.environ["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino + 1}"
            rig.start()
            rig.stop()
            expect("warning: slot gone" in rig.stderr()[before:], "a redirected log looks like the journal's")
        finally:
            del os.environ["JOURNAL_STREAM"]


def test_login_ends_the_session_from_before():
    with Rig(BARE, LOCKED) as rig:
        reader, boss = make(rig, "reader", "read"), make(rig, "boss", "admin")
        old = log_in(rig, reader)
        reply = rig.ask("POST", "/api/v1/session", {"token": boss}, old)
        new = {"Cookie": reply.headers["set-cookie"].split(";")[0]}
        expect(new != old and rig.api("GET", "/info", headers=new)["auth"]["scope"] == "admin")
        rig.error("GET", "/slots", 401, "unauthorized", headers=old)
        planted = {"Cookie": "flashrig=" + "ab" * 32}  # a session that somebody else has thought of
        reply = rig.ask("POST", "/api/v1/session", {"token": boss}, planted)
        expect(reply.headers["set-cookie"].split(";")[0] != planted["Cookie"], reply.headers)
        rig.error("GET", "/slots", 401, "unauthorized", headers=planted)


def test_parts_of_foreign_pages_are_refused_and_links_are_not():
    with Rig(BARE) as rig:
        for mode in ("no-cors", "cors", "websocket"):
            rig.error("GET", "/slots", 403, "forbidden", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode})
        rig.api("GET", "/slots", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
        for site in ("same-origin", "none", "same-site"):
            rig.api("GET", "/slots", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors"})
        for origin in ("null", "http://evil.example", "http://localhost", f"http://localhost.:{rig.port}", "localhost", f"http://127.0.0.1:{rig.port}.evil.example"):
            rig.error("POST", "/jobs", 403, "forbidden", {"type": "identify", "slot": "a"}, {"Origin": origin})
        rig.api("POST", "/jobs", {"type": "identify", "slot": "a"}, {"Origin": f"http://127.0.0.1:{rig.port}"}, 202)


def test_two_hosts_are_one_too_many():
    with Rig(BARE) as rig:
        for hosts in (["localhost", "localhost"], ["localhost", "evil.example"], ["evil.example", "localhost"]):
            with socket.create_connection(("127.0.0.1", rig.port), timeout=20) as s:
                s.sendall(("GET /api/v1/info HTTP/1.1\r\n" + "".join(f"Host: {h}\r\n" for h in hosts) + "\r\n").encode())
                expect(s.recv(20).startswith((b"HTTP/1.1 400", b"HTTP/1.1 421")), hosts)


def test_health_can_be_asked_often_and_writes_seldom():
    with Rig(BARE, LOCKED) as rig:
        start = time.monotonic()
        for _ in range(300):
            expect(rig.ask("GET", "/healthz").status == 200)
        seconds = time.monotonic() - start
        rig.stop()
        with sqlite3.connect(rig.data + "/archive.db") as db:
            tries = db.execute("SELECT value FROM meta WHERE name = 'tries'").fetchone()[0]
        expect(1 <= tries <= 3 + seconds, tries, "writes in", seconds, "s")


def test_audit_knows_who_was_refused_and_who_saw_secrets():
    with Rig(BARE, LOCKED) as rig:
        boss, hand = bearer(make(rig, "boss", "admin")), bearer(make(rig, "hand", "operate"))
        rig.ask("POST", "/api/v1/dumps?jedec_id=EF4014", bytes(1 << 20), boss, raw=True)
        rig.error("GET", "/dumps/1/analysis?secrets=1", 403, "forbidden", headers=hand)
        rig.api("GET", "/dumps/1/analysis", headers=hand)
        rig.api("GET", "/dumps/1/analysis?secrets=1", headers=boss)
        rig.error("POST", "/jobs", 403, "forbidden", {"type": "erase", "slot": "a", "force": True}, hand)
        got = [(e["who"], e["status"], e["refused"], e["what"]) for e in entries(rig, boss)
               if e["path"] in ("/api/v1/dumps/1/analysis", "/api/v1/jobs")]
        expect(got == [("hand", 403, True, "forbidden"), ("boss", 200, False, "secrets shown"), ("hand", 403, True, "forbidden")], got)


def test_log_shows_what_clients_send_and_does_what_they_want_never():
    with Rig(BARE, args=["--log", "debug"]) as rig:
        with socket.create_connection(("127.0.0.1", rig.port), timeout=20) as s:
            s.sendall(b"GET /\x1b[2J\x07 HTTP/1.1\r\nHost: localhost\r\n\x1b: \x1b\r\nBro\x08ken\r\n\r\n")
            s.recv(100)
        rig.stop()
        expect(not any(ord(c) < 32 and c != "\n" for c in rig.stderr()), repr(rig.stderr()))
