"""HTTPS by certificate and key, and life behind a reverse proxy."""

import os
import shutil
import socket
import ssl
import subprocess
import time

from images import noise
from rigd import Events, Failed, Rig, expect, slot
from test_auth import BARE, bearer, log_in, make
from test_cli import cli
from test_door import entries

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tls")


def pem(name):
    return os.path.join(FOLDER, name)


def trusting(name, **wanted):
    context = ssl.create_default_context(cafile=pem(name))
    for key, value in wanted.items():
        setattr(context, key, value)
    return context


def tls_rig(cert="rig.pem", key="rig.key", http="", slots=BARE):
    rig = Rig(slots)
    shutil.copy(pem(cert), rig.dir + "/cert.pem")
    shutil.copy(pem(key), rig.dir + "/key.pem")
    rig.configure(slots, f"tls_cert = {rig.dir}/cert.pem\ntls_key = {rig.dir}/key.pem\n{http}")
    rig.tls = trusting(cert)
    return rig


def test_everything_works_over_tls():
    with tls_rig(slots=slot("a", target="nor", chip="EF4018")) as rig:
        events = Events(rig)
        expect(events.next()[1] == "snapshot")
        content = noise(5 << 20, 1)
        made = rig.ask("POST", "/api/v1/images?name=x.bin", content, raw=True)
        expect(made.status == 201, made.body)
        expect(rig.ask("GET", "/api/v1/images/1/content").body == content, "other bytes came back")
        dump = rig.backup("a")["result"]["dump"]
        part = rig.content(dump, {"Range": "bytes=70000-70099"})
        expect(part.status == 206 and len(part.body) == 100, part.status)
        kinds = set()
        while not {"image", "job", "dump"} <= kinds:
            kinds.add(events.next()[1])
        events.close()
        expect(rig.ask("GET", "/").status == 200)


def test_command_line_trusts_the_certificate_that_it_is_given():
    with tls_rig(slots=slot("a", target="nor", chip="EF4014")) as rig:
        url, out = f"https://localhost:{rig.port}", os.path.join(rig.dir, "dump.bin")
        cli(None, "--url", url, "--cacert", pem("rig.pem"), "backup", "a", "-o", out)
        with open(out, "rb") as f:
            expect(f.read() == rig.content(1).body, "another content")
        expect("EF4014" in cli(None, "--insecure", "slots", env={"FLASHRIG_URL": url}).stdout)


def test_command_line_says_why_it_trusts_nobody():
    with tls_rig() as rig, Rig(BARE) as plain:
        url = f"https://localhost:{rig.port}"
        for args, told in ((["--url", url], "--cacert FILE"),
                           (["--url", url, "--cacert", pem("other.pem")], "certificate is not trusted"),
                           (["--url", url, "--cacert", os.path.join(rig.dir, "nowhere.pem")], "--cacert wants a PEM file"),
                           (["--url", url.replace("https", "http")], "Then --url begins with https://"),
                           (["--url", f"https://localhost:{plain.port}"], "Then --url begins with http://")):
            said = cli(None, *args, "slots", status=3)
            expect("cannot be reached" in said.stderr and told in said.stderr and not said.stdout, args, said.stderr)


def test_cookie_of_a_session_is_secure_over_tls():
    with tls_rig(http="require_token = yes") as rig:
        token = make(rig, "page", "read")
        reply = rig.ask("POST", "/api/v1/session", {"token": token})
        expect("; Secure" in reply.headers["set-cookie"], reply.headers)
        cookie = {"Cookie": reply.headers["set-cookie"].split(";")[0]}
        rig.api("GET", "/slots", headers={**cookie, "Origin": f"https://localhost:{rig.port}", "Host": f"localhost:{rig.port}"})
        rig.error("GET", "/slots", 403, "forbidden", headers={**cookie, "Origin": "https://evil.example"})
        ended = rig.ask("DELETE", "/api/v1/session", headers=cookie)
        expect("; Secure" in ended.headers["set-cookie"] and "Max-Age=0" in ended.headers["set-cookie"], ended.headers)
        expect("strict-transport-security" not in reply.headers, reply.headers)


def test_old_protocols_and_plain_http_are_refused():
    with tls_rig() as rig:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = trusting("rig.pem", minimum_version=version, maximum_version=version)
            with context.wrap_socket(socket.create_connection(("127.0.0.1", rig.port), timeout=20), server_hostname="localhost") as s:
                expect(s.version() in ("TLSv1.2", "TLSv1.3"), s.version())
        old = trusting("rig.pem")
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            old.wrap_socket(socket.create_connection(("127.0.0.1", rig.port), timeout=20), server_hostname="localhost")
            raise Failed("TLS 1.1 is spoken")
        except (ssl.SSLError, ConnectionError):
            pass
        with socket.create_connection(("127.0.0.1", rig.port), timeout=20 * rig.slow) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                expect(b"HTTP/1.1" not in s.recv(4096), "plain HTTP is answered")
            except ConnectionError:
                pass
        rig.api("GET", "/info")


def test_limits_hold_over_tls():
    with tls_rig(http="head_timeout = 1s\nmax_upload = 64K\nmax_connections_per_address = 8") as rig:
        with socket.create_connection(("127.0.0.1", rig.port), timeout=20 * rig.slow) as s:  # a handshake that does not come
            start = time.monotonic()
            s.sendall(b"\x16\x03\x01")
            expect(s.recv(100) == b"" and time.monotonic() - start < 10 * rig.slow, "a handshake may take for ever")
        s = rig.connect(20 * rig.slow)
        s.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        try:
            expect(s.recv(100) == b"", "half a head is waited for")
        except (ssl.SSLError, ConnectionError):
            pass
        s.close()
        rig.error("POST", "/images?name=x", 413, "too-large", b"x" * 70000, raw=True)
        many = []
        try:
            for _ in range(20):
                many.append(rig.connect(20 * rig.slow))
            raise Failed("20 connections of one address")
        except (ssl.SSLError, OSError):
            expect(len(many) <= 8, len(many))
        for s in many:
            s.close()
        time.sleep(0.2)
        rig.api("GET", "/info")


def test_bad_certificates_are_mistakes_in_the_configuration():
    cases = [("rig.pem", "other.key", ["tls_key", "is not the key of the certificate"]),
             ("rig.pem", "locked.key", ["tls_key", "password", "openssl pkey"]),
             ("rig.key", "rig.key", ["tls_cert", "no certificate"]),
             ("rig.pem", "rig.pem", ["tls_key", "no private key"]),
             ("README", "rig.key", ["tls_cert", "no certificate"]),
             ("none.pem", "rig.key", ["tls_cert", "No such file"]),
             ("rig.pem", "none.key", ["tls_key", "No such file"]),
             ("", "rig.key", ["tls_cert"])]
    for cert, key, words in cases:
        rig = Rig(BARE)
        rig.configure(BARE, f"tls_cert = {pem(cert)}\ntls_key = {pem(key)}")
        for more in ([], ["--check-config"]):
            done = subprocess.run(rig.command() + more, capture_output=True, text=True, timeout=30, check=False)
            expect(done.returncode == 2 and all(w in done.stderr for w in words), cert, key, done.returncode, done.stderr)
        shutil.rmtree(rig.dir)


def test_expired_certificate_is_used_with_a_warning():
    rig = tls_rig("old.pem")
    rig.tls = trusting("old.pem", check_hostname=False, verify_mode=ssl.CERT_NONE)
    with rig:
        rig.api("GET", "/info")
        expect("has expired on 2020-01-01" in rig.stderr(), rig.stderr())


def replace(rig, cert, key):
    """As tools do that renew: a new file takes the place of the old one."""
    for source, target in ((cert, "cert.pem"), (key, "key.pem")):
        if source:
            shutil.copy(pem(source), rig.dir + "/new")
            os.rename(rig.dir + "/new", rig.dir + "/" + target)


def wait_for(rig, what, seconds=15):
    end = time.monotonic() + seconds + 20 * rig.slow
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.25)
    raise Failed("it does not come: " + rig.stderr()[-300:])


def speaks(rig, name):
    try:
        trusting(name).wrap_socket(socket.create_connection(("127.0.0.1", rig.port), timeout=20), server_hostname="localhost").close()
        return True
    except ssl.SSLCertVerificationError:
        return False


def test_renewed_certificate_is_used_without_a_restart():
    with tls_rig() as rig:
        events = Events(rig)
        events.next()
        expect(speaks(rig, "rig.pem") and not speaks(rig, "other.pem"))
        replace(rig, "other.pem", None)  # half of it: the key does not fit
        wait_for(rig, lambda: speaks(rig, "rig.pem") and "stays in use" in rig.stderr())
        replace(rig, None, "other.key")
        wait_for(rig, lambda: speaks(rig, "other.pem"))
        expect(not speaks(rig, "rig.pem"))
        rig.tls = trusting("other.pem")
        job = rig.submit("identify", "a")  # who followed before still does
        while events.next()[1] != "job":
            pass
        events.close()
        rig.wait(job)


def test_proxy_is_believed_about_its_clients():
    with Rig(BARE, "proxy = 127.0.0.1\nnames = rig.example") as rig:
        rig.error("GET", "/slots", 401, "unauthorized")  # others come by it, so a token is needed
        boss = make(rig, "boss", "admin")
        behind = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Host": "rig.example"}
        reply = rig.ask("POST", "/api/v1/session", {"token": boss}, {**behind, "Origin": "https://rig.example"})
        expect(reply.status == 204 and "; Secure" in reply.headers["set-cookie"], reply.status, reply.headers)
        reply = rig.ask("POST", "/api/v1/session", {"token": boss}, {"X-Forwarded-For": "203.0.113.9"})
        expect("; Secure" not in reply.headers["set-cookie"], reply.headers)
        for n in range(11):  # one client that guesses does not shut out another, whatever it claims to be
            rig.ask("POST", "/api/v1/session", {"token": f"frt_{n}"}, {"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.9"})
        rig.error("POST", "/session", 429, "too-many", {"token": "frt_x"}, {"X-Forwarded-For": "203.0.113.9"})
        rig.error("POST", "/session", 401, "unauthorized", {"token": "frt_x"}, {"X-Forwarded-For": "203.0.113.10"})
        rig.error("POST", "/session", 401, "unauthorized", {"token": "frt_x"}, {"X-Forwarded-For": "[2001:db8::7]:1234"})
        rig.error("POST", "/session", 401, "unauthorized", {"token": "frt_x"}, {"X-Forwarded-For": "nonsense"})
        seen = [e["address"] for e in entries(rig, bearer(boss), path="/api/v1/session")]
        expect(seen[0] == "203.0.113.9" and set(seen) == {"203.0.113.9", "203.0.113.10", "2001:db8::", "127.0.0.1"}, seen)


def test_others_are_not_believed_about_anybody():
    with Rig(BARE, "require_token = yes") as rig:
        boss = make(rig, "boss", "admin")
        reply = rig.ask("POST", "/api/v1/session", {"token": boss}, {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
        expect("; Secure" not in reply.headers["set-cookie"], reply.headers)
        expect({e["address"] for e in entries(rig, bearer(boss), path="/api/v1/session")} == {"127.0.0.1"})
        log_in(rig, boss)
    with Rig(BARE, "proxy = 192.0.2.1") as rig:
        boss = make(rig, "boss", "admin")
        rig.ask("POST", "/api/v1/session", {"token": boss}, {"X-Forwarded-For": "203.0.113.9"})
        expect({e["address"] for e in entries(rig, bearer(boss), path="/api/v1/session")} == {"127.0.0.1"})
