"""Images and imported dumps: what came in whole is there, what did not has never been."""

import hashlib
import os
import resource
import socket
import sqlite3
import subprocess
import time
import urllib.parse
import zlib

import images
from rigd import Events, Rig, expect, slot

BARE = slot("a", target="nor", chip="EF4014")
ODD = images.noise((5 << 20) + 3, 5)
BYTES = {"Content-Type": "application/octet-stream"}


def upload(rig, content, path="/images", headers=None, **query):
    query = "?" + urllib.parse.urlencode(query) if query else ""
    return rig.ask("POST", f"/api/v1{path}{query}", content, headers or BYTES, raw=True)


def stored(rig):
    return rig.api("GET", "/archive")["bytes_stored"]


def left(rig):
    """What an archive that holds nothing has too: rows of contents, blocks, ingests, released."""
    db = sqlite3.connect(f"file:{rig.data}/archive.db?mode=ro", uri=True)
    try:
        return [db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("content", "block", "ingest", "released", "image", "dump")]
    finally:
        db.close()


def expect_nothing(rig, seconds=5):
    end = time.monotonic() + seconds * rig.slow
    while any(rows := left(rig)) and time.monotonic() < end:
        time.sleep(0.02)
    expect(not any(rows), "left:", rows)
    expect(rig.api("GET", "/images")["images"] == [] and rig.api("GET", "/dumps")["dumps"] == [])


def expect_sound(rig):
    db = sqlite3.connect(os.path.join(rig.data, "archive.db"))
    expect(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "integrity_check")
    expect(db.execute("PRAGMA foreign_key_check").fetchone() is None, "foreign_key_check")
    db.close()


def begin_upload(rig, size, sent, path="/images?name=half"):
    """An upload that stops half-way: its socket."""
    s = socket.create_connection(("127.0.0.1", rig.port), timeout=20 * rig.slow)
    s.sendall(f"POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode())
    s.sendall(sent)
    return s


def wait_for_rows(rig, table, seconds=10, least=1):
    end = time.monotonic() + seconds * rig.slow
    while time.monotonic() < end:
        db = sqlite3.connect(f"file:{rig.data}/archive.db?mode=ro", uri=True)
        n = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        db.close()
        if n >= least:
            return
        time.sleep(0.01)
    expect(False, "nothing of the upload reached the archive: the test proves nothing")


def test_image_comes_back_as_it_went():
    with Rig(BARE) as rig:
        events = Events(rig)
        events.next()
        sha = hashlib.sha256(ODD).hexdigest()
        reply = upload(rig, ODD, name="Türklingel v2.bin", sha256=sha.upper())
        expect(reply.status == 201, reply.status, reply.body)
        image = reply.json
        expect(reply.headers["location"] == f"/api/v1/images/{image['id']}", reply.headers)
        expect(image == {"id": 1, "name": "Türklingel v2.bin", "size": len(ODD), "crc32": f"{zlib.crc32(ODD):08X}", "sha256": sha,
                         "kind": "bin", "created_at": image["created_at"]}, image)
        expect(events.next()[1:] == ("image", image))
        expect(rig.api("GET", "/images/1") == image and rig.api("GET", "/images") == {"images": [image], "next": None})
        whole = rig.ask("GET", "/api/v1/images/1/content")
        expect(whole.body == ODD and whole.headers["etag"] == f'"{sha}"', whole.headers)
        expect(whole.headers["content-disposition"] == 'attachment; filename="T--rklingel-v2.bin"', whole.headers)
        part = rig.ask("GET", "/api/v1/images/1/content", headers={"Range": "bytes=-7"})
        expect(part.status == 206 and part.body == ODD[-7:], part.status)
        expect(rig.ask("GET", "/api/v1/images/1/content?offset=0x1000&length=5").body == ODD[0x1000:0x1005])
        named = rig.api("PATCH", "/images/1", {"name": "other"})
        expect(named == {**image, "name": "other"} and events.next()[1:] == ("image", named), named)
        rig.error("PATCH", "/images/1", 400, "bad-request", {"name": ""})
        rig.error("PATCH", "/images/1", 400, "bad-request", {"kind": "qio"})
        rig.stop()
        rig.start()
        expect(rig.api("GET", "/images/1") == named and rig.ask("GET", "/api/v1/images/1/content").body == ODD)
        events.close()


def test_chunked_image_comes_back_too():
    with Rig(BARE) as rig:
        pieces = [ODD[n:n + 70001] for n in range(0, len(ODD), 70001)]
        reply = upload(rig, iter(pieces), name="chunks")
        expect(reply.status == 201 and reply.json["size"] == len(ODD), reply.body)
        expect(rig.ask("GET", "/api/v1/images/1/content").body == ODD)


def test_images_are_told_by_their_content():
    for name, kind in (("OpenBK7252_QIO_1.18.300.bin", "qio"), ("OpenBK7231T_QIO_1.18.300.bin", "qio"),
                       ("OpenBK7231N_QIO_1.18.300.bin", "qio"), ("tuya_bk7231n_switch_8044.bin", "full-flash")):
        content = images.real(name)
        if content is None:
            return f"{name} is not here"
        with Rig(BARE) as rig:
            image = upload(rig, content, name=name).json
            expect(image["kind"] == kind and image["name"] == name, image)
            cut = upload(rig, content[0x11000:0x11000 + 0xEF000]).json
            expect(cut["kind"] == "ua" and cut["name"] == f"image_0x{cut['crc32']}.bin", cut)


def test_sister_images_share_their_sectors():
    with Rig(BARE) as rig:
        upload(rig, ODD)
        one = stored(rig)
        sister = bytearray(ODD)
        sister[4096] ^= 1
        expect(upload(rig, bytes(sister)).status == 201 and upload(rig, ODD, name="again").status == 201)
        expect(stored(rig) < one + 64 * 1024, one, stored(rig))
        expect(rig.ask("GET", "/api/v1/images/2/content").body == sister and rig.ask("GET", "/api/v1/images/3/content").body == ODD)


def test_wrong_hash_leaves_nothing():
    with Rig(BARE) as rig:
        reply = upload(rig, ODD, sha256="0" * 64)
        e = reply.json["error"]
        expect(reply.status == 422 and e["code"] == "unprocessable" and hashlib.sha256(ODD).hexdigest() in e["message"], reply.body)
        expect_nothing(rig, 0)
        reply = upload(rig, b"")
        expect(reply.status == 422 and reply.json["error"]["hint"], reply.body)
        expect_nothing(rig, 0)
        size = os.path.getsize(os.path.join(rig.data, "archive.db"))
        for n in range(3):
            expect(upload(rig, images.noise(5 << 20, n), sha256="0" * 64).status == 422)
        rig.stop()
        expect(os.path.getsize(os.path.join(rig.data, "archive.db")) <= max(size, 6 << 20), "the file grows with each of them")
        rig.start()
        expect_nothing(rig)


def test_bad_uploads_are_told_apart():
    with Rig(BARE, http="max_upload = 1M") as rig:
        for query in ("nmae=x", "sha256=12", "sha256=" + "g" * 64, "name=%ff", "name=a%0Ab", "name=" + "x" * 201):
            rig.error("POST", f"/images?{query}", 400, "bad-request", b"x", BYTES, raw=True)
        rig.error("POST", "/dumps?jedec_id=EF40", 400, "bad-request", b"x", BYTES, raw=True)
        for form in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            e = rig.error("POST", "/images", 415, "unsupported-media-type", b"a=b", {"Content-Type": form}, raw=True)
            expect("octet-stream" in e["hint"], e)
        expect(upload(rig, b"x", headers={"Content-Type": "text/plain"}).status == 201)
        expect(upload(rig, b"y", headers={"Accept": "*/*"}).status == 201)
        expect(upload(rig, bytes(1 << 20)).status == 201)
        e = rig.error("POST", "/images", 413, "too-large", bytes((1 << 20) + 1), BYTES, raw=True)
        expect("max_upload" in e["hint"], e)
        big = iter([bytes(1 << 18)] * 5)
        expect(upload(rig, big).status == 413)
        rig.error("GET", "/images/99", 404, "not-found")
        rig.error("GET", "/images/99/content", 404, "not-found")
        rig.error("PATCH", "/images/99", 404, "not-found", {"name": "x"})
        rig.error("DELETE", "/images/99", 404, "not-found")
        expect(len(rig.api("GET", "/images")["images"]) == 3)
        page = rig.api("GET", "/images?limit=2")
        expect([i["id"] for i in page["images"]] == [3, 2] and page["next"] == 2, page)
        expect([i["id"] for i in rig.api("GET", "/images?limit=2&before=2")["images"]] == [1])


def test_upload_that_is_too_large_is_refused_before_it_is_sent():
    with Rig(BARE) as rig:
        with begin_upload(rig, (64 << 20) + 1, b"") as s:
            head = s.recv(4096)
        expect(head.startswith(b"HTTP/1.1 413"), head)
        expect_nothing(rig)


def test_aborted_upload_leaves_nothing():
    with Rig(BARE) as rig:
        for sent in (b"", b"x", ODD[:4096], ODD[:3 << 20]):
            for path in ("/images?name=half", "/dumps"):
                s = begin_upload(rig, len(ODD), sent, path)
                wait_for_rows(rig, "ingest")
                s.close()
                expect_nothing(rig)
        s = begin_upload(rig, len(ODD), ODD[:3 << 20])
        wait_for_rows(rig, "block")
        s.close()
        expect_nothing(rig)
        expect(upload(rig, ODD).status == 201, "and the next one works")


def test_slow_upload_is_cut():
    with Rig(BARE) as rig:
        with begin_upload(rig, len(ODD), b"x") as s:
            start = time.monotonic()
            expect(s.recv(100) == b"" and time.monotonic() - start < 15 * rig.slow, "a body that does not come was not cut")
        expect_nothing(rig)


def test_uploads_at_a_time_are_limited():
    with Rig(BARE) as rig:
        held = [begin_upload(rig, 100, b"x") for _ in range(4)]
        wait_for_rows(rig, "ingest", least=4)  # else one of them may be the one too many
        end = time.monotonic() + 5 * rig.slow
        e = rig.error("POST", "/images", 429, "too-many", b"x", BYTES, raw=True)
        expect("4 uploads" in e["message"], e)
        for s in held:
            s.close()
        while upload(rig, b"x").status != 201:
            expect(time.monotonic() < end + 5 * rig.slow, "the places do not come back")


def test_killed_during_an_upload_nothing_is_left():
    with Rig(BARE) as rig:
        for sent in (100, 1 << 20, 3 << 20, len(ODD) - 1):
            s = begin_upload(rig, len(ODD), ODD[:sent])
            wait_for_rows(rig, "ingest" if sent < 2 << 20 else "block")
            rig.kill()
            s.close()
            rig.start()
            expect_sound(rig)
            expect_nothing(rig)
        rig.kill()
        rig.start()
        expect(upload(rig, ODD).status == 201 and rig.ask("GET", "/api/v1/images/1/content").body == ODD)


def test_killed_after_an_upload_everything_is_there():
    with Rig(BARE) as rig:
        for n in range(5):
            content = images.noise((1 << 20) + n, n)
            image = upload(rig, content).json["id"]
            rig.kill()
            rig.start()
            expect(rig.ask("GET", f"/api/v1/images/{image}/content").body == content)
            rig.api("DELETE", f"/images/{image}", status=204)
            rig.kill()
            rig.start()
            expect_sound(rig)
            expect_nothing(rig)


def test_full_disk_refuses_an_upload_and_keeps_the_rest():
    first = images.noise(1 << 20, 1)
    with Rig(BARE) as rig:
        image = upload(rig, first).json["id"]
        rig.stop()
        rig.start(preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20)))
        reply = upload(rig, ODD)
        expect(reply.status == 503 and reply.json["error"]["code"] == "archive-full" and reply.json["error"]["hint"], reply.body)
        expect(rig.ask("GET", f"/api/v1/images/{image}/content").body == first)
        expect(len(rig.api("GET", "/images")["images"]) == 1)
        rig.stop()
        rig.start()
        expect(upload(rig, ODD).status == 201, "it works again with room")


def test_full_file_system_gets_back_what_is_removed():
    if os.geteuid() != 0:
        return "needs root to mount a small file system"
    rig = Rig(BARE)
    small = os.path.join(rig.dir, "small")
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", small], check=False, capture_output=True).returncode:
        return "mount is not allowed here"
    try:
        rig.data = os.path.join(small, "data")
        with rig:
            kept, n = [], 0
            while True:
                content = images.noise((1 << 20) + 7, n)
                reply = upload(rig, content)
                if reply.status != 201:
                    break
                kept.append((reply.json["id"], content))
                n += 1
            expect(reply.status == 503 and reply.json["error"]["code"] == "archive-full", reply.body)
            expect(len(kept) >= 4, "only", len(kept), "fit")
            for image, content in kept[2:]:
                expect(rig.ask("GET", f"/api/v1/images/{image}/content").body == content)
                rig.api("DELETE", f"/images/{image}", status=204)
            before = os.stat(os.path.join(rig.data, "archive.db")).st_size
            expect(before < (4 << 20), "the file is still", before)
            for image, content in kept[:2]:
                expect(rig.ask("GET", f"/api/v1/images/{image}/content").body == content)
            expect(upload(rig, images.noise(1 << 20, 99)).status == 201, "there is room again")
            rig.stop()
            rig.start()
            expect_sound(rig)
    finally:
        rig.stop(check=False)
        subprocess.run(["umount", "-l", small], check=False)


def test_removal_frees_what_nobody_else_needs():
    with Rig(BARE) as rig:
        events = Events(rig)
        events.next()
        base = stored(rig)
        half = ODD[:2 << 20]
        one, two = upload(rig, ODD).json["id"], upload(rig, half).json["id"]
        same = upload(rig, ODD, name="same").json["id"]
        full = stored(rig)
        rig.api("DELETE", f"/images/{one}", status=204)
        expect(stored(rig) > full - 4096 * 4, "another image has this content")
        expect(rig.ask("GET", f"/api/v1/images/{same}/content").body == ODD)
        rig.api("DELETE", f"/images/{same}", status=204)
        freed = full - stored(rig)
        expect(freed > (len(ODD) - len(half)) * 9 // 10, "only", freed, "are free")
        expect(rig.ask("GET", f"/api/v1/images/{two}/content").body == half, "shared sectors stay")
        size = os.path.getsize(os.path.join(rig.data, "archive.db"))
        rig.api("DELETE", f"/images/{two}", status=204)
        expect_nothing(rig, 0)
        expect(stored(rig) <= base + 8192, base, stored(rig))
        rig.stop()
        expect(os.path.getsize(os.path.join(rig.data, "archive.db")) < size // 2, "the disk gets it back")
        kinds = [events.next()[1:] for _ in range(6)]
        expect([d for k, d in kinds if k == "deleted"] == [{"image": one}, {"image": same}, {"image": two}], kinds)
        events.close()
        rig.start()
        rig.error("GET", f"/images/{one}", 404, "not-found")
        new = upload(rig, half).json["id"]
        expect(new > same, "an id never comes back as another image")
        expect(rig.ask("GET", f"/api/v1/images/{new}/content").body == half)


def test_removal_during_an_upload_takes_nothing_from_it():
    with Rig(BARE) as rig:
        old = upload(rig, ODD).json["id"]
        s = begin_upload(rig, len(ODD), ODD[:3 << 20])
        wait_for_rows(rig, "ingest")
        time.sleep(0.2 * rig.slow)
        rig.api("DELETE", f"/images/{old}", status=204)
        other = images.noise(1 << 20, 8)
        expect(upload(rig, other).status == 201)
        s.sendall(ODD[3 << 20:])
        reply = s.recv(65536)
        s.close()
        expect(reply.startswith(b"HTTP/1.1 201"), reply)
        newest = rig.api("GET", "/images")["images"][0]
        expect(newest["sha256"] == hashlib.sha256(ODD).hexdigest(), newest)
        expect(rig.ask("GET", f"/api/v1/images/{newest['id']}/content").body == ODD)
        rig.kill()
        rig.start()
        expect_sound(rig)
        expect(rig.ask("GET", f"/api/v1/images/{newest['id']}/content").body == ODD)
        for image in rig.api("GET", "/images")["images"]:
            rig.api("DELETE", f"/images/{image['id']}", status=204)
        expect_nothing(rig, 0)


def mac_sector(mac):
    record = (0x11111102).to_bytes(4, "little") + (6).to_bytes(4, "little") + mac
    group = (0x11111100).to_bytes(4, "little") + len(record).to_bytes(4, "little") + record
    return (b"TLV\0" + len(group).to_bytes(4, "little") + group).ljust(4096, b"\xff")


def test_imported_dump_is_a_dump():
    with Rig(BARE) as rig:
        content = images.doorbell()
        reply = upload(rig, content, "/dumps", label="from the bench next door", jedec_id="0b4016")
        dump = reply.json
        expect(reply.status == 201 and reply.headers["location"] == f"/api/v1/dumps/{dump['id']}", reply.status, reply.body)
        expect(dump["source"] == "import" and dump["complete"] and not dump["verified"] and dump["device"] is None, dump)
        expect(dump["slot"] is None and dump["job"] is None and dump["offset"] == 0, dump)
        expect(dump["jedec_id"] == "0B4016" and "XT25F32B" in dump["chip"] and dump["label"] == "from the bench next door", dump)
        expect(rig.content(dump["id"]).body == content and rig.api("GET", "/dumps")["dumps"] == [dump])
        part = upload(rig, content[:4096], "/dumps").json
        expect(not part["complete"] and part["jedec_id"] is None and part["chip"] is None and part["size"] == 4096, part)
        reply = upload(rig, content + b"x", "/dumps", jedec_id="0B4016")
        expect(reply.status == 422 and "4194304" in reply.json["error"]["message"], reply.body)
        odd = upload(rig, content, "/dumps", jedec_id="FFFFFE").json
        expect(odd["jedec_id"] == "FFFFFE" and not odd["complete"], "a chip that nobody knows is no reason to refuse")
        expect(len(rig.api("GET", "/dumps")["dumps"]) == 3)


def test_import_finds_its_device_by_the_mac():
    content = bytearray(images.noise(1 << 20, 3))
    content[0xE0000:0xE1000] = mac_sector(bytes.fromhex("c8478c000001"))
    rig = Rig()
    rig.configure(slot("a", target="nor", chip="EF4014", image=rig.image("i", bytes(content))))
    with rig:
        device = rig.backup("a")["result"]["device"]
        seen = rig.api("GET", f"/devices/{device}")
        expect(seen["mac"] == "C8:47:8C:00:00:01", seen)
        content[5] ^= 1
        expect(upload(rig, bytes(content), "/dumps", jedec_id="EF4014").json["device"] == device)
        expect(upload(rig, bytes(content), "/dumps").json["device"] == device)
        after = rig.api("GET", f"/devices/{device}")
        expect(after["dumps"] == 3 and after["last_seen"] == seen["last_seen"], after)
        content[0xE0000:0xE1000] = mac_sector(bytes.fromhex("c8478c000002"))
        expect(upload(rig, bytes(content), "/dumps").json["device"] is None)
        new = upload(rig, bytes(content), "/dumps", jedec_id="EF4014").json["device"]
        expect(new not in (None, device) and rig.api("GET", f"/devices/{new}")["mac"] == "C8:47:8C:00:00:02")


def test_last_verified_backup_is_only_removed_by_force():
    with Rig(BARE) as rig:
        events = Events(rig)
        old, new = (rig.backup("a")["result"]["dump"] for _ in range(2))
        part = rig.backup("a", length=4096)["result"]["dump"]
        e = rig.error("DELETE", f"/dumps/{new}", 409, "conflict")
        expect("force" in e["hint"] and f"dump {new}" in e["message"], e)
        rig.api("DELETE", f"/dumps/{part}", status=204)
        rig.api("DELETE", f"/dumps/{old}", status=204)
        rig.error("DELETE", f"/dumps/{new}?force=0", 409, "conflict")
        rig.error("DELETE", f"/dumps/{new}?force=yes", 400, "bad-request")
        rig.api("DELETE", f"/dumps/{new}?force=1", status=204)
        rig.error("DELETE", f"/dumps/{new}", 404, "not-found")
        expect(rig.api("GET", "/dumps")["dumps"] == [])
        gone = []
        while len(gone) < 3:
            _, kind, data = events.next()
            if kind == "deleted":
                gone.append(data)
        expect(gone == [{"dump": part}, {"dump": old}, {"dump": new}], gone)
        events.close()
        imported = upload(rig, ODD, "/dumps").json["id"]
        rig.api("DELETE", f"/dumps/{imported}", status=204)
        expect_nothing(rig, 0)
        expect(rig.backup("a")["state"] == "done")
