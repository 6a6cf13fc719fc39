"""What dumps and images say about themselves."""

import time

import beken
import images
from rigd import Rig, expect, slot
from test_auth import LOCKED, bearer, make
from test_images import upload

BARE = slot("a", target="nor", chip="EF4014")
SECRETS = {"password": "wifi-SECRET-1", "mqtt_password": "mqtt-SECRET-2", "web_password": "web-SECRET-3"}
CONFIG = beken.openbeken_config(ssid="home", name="plug", **SECRETS)


def settings(analysis):
    return {(s["store"], s["name"]): s for s in analysis["configuration"]["settings"]}


def partitions(analysis):
    return {p["name"]: p for p in analysis["partitions"]}


def test_dump_says_what_it_is():
    with Rig(BARE) as rig:
        dump = upload(rig, beken.plug(config=CONFIG), "/dumps").json["id"]
        a = rig.api("GET", f"/dumps/{dump}/analysis")
        expect(a["dump"] == dump and a["kind"] == "full-flash" and a["summary"] == "OpenBeken 1.18.300 on BK7231N", a)
        expect(a["chip"]["family"] == "BK7231N" and a["chip"]["target"] == "bk7231n" and a["chip"]["sure"] == "checked", a["chip"])
        expect(a["scrambling"]["key"] == "tuya" and a["scrambling"]["sure"] == "checked", a["scrambling"])
        expect(a["bootloader"]["text"] == "BK7231N_1.0.1" and a["versions"]["bootloader"] == "1.0.1", a["bootloader"])
        expect(a["firmware"]["kind"] == "openbeken" and a["firmware"]["built"] == "Aug  2 2026 19:38:07", a["firmware"])
        expect(a["mac"] == "02:00:00:00:00:01" and 0x1D0000 < a["mac_offset"] < 0x1D1000, a["mac"])
        expect(a["configuration"]["ssid"] == "home" and a["warnings"] == [], a["configuration"])
        expect(a["layout"] == {"name": "tuya-bk7231n", "title": "Tuya BK7231N", "table": True}, a["layout"])
        app = partitions(a)["app"]
        expect(app["offset"] == 0x11000 and app["length"] == 0x118F70 and app["ok"] is True and app["from"] == "table", app)
        expect(app["crc_blocks"]["bad"] == 0 and app["crc_blocks"]["valid"] > 300, app)
        for name, s in settings(a).items():
            expect(s["sure"] == "checked" and 0x1D1000 <= s["offset"] < 0x1D2000, name, s)


def test_secrets_are_masked_but_for_admins_who_ask():
    with Rig(BARE, http=LOCKED) as rig:
        reader, operator, admin = (bearer(make(rig, f"{scope}er", scope)) for scope in ("read", "operate", "admin"))
        dump = upload(rig, beken.plug(config=CONFIG), "/dumps", {**operator, "Content-Type": "application/octet-stream"}).json["id"]
        image = upload(rig, beken.plug(config=CONFIG), "/images", {**operator, "Content-Type": "application/octet-stream"}).json["id"]
        for path in (f"/dumps/{dump}/analysis", f"/images/{image}/analysis"):
            for who in (reader, operator, admin):
                for query in ("", "?secrets=0"):
                    reply = rig.ask("GET", f"/api/v1{path}{query}", headers=who)
                    expect(reply.status == 200 and b"SECRET" not in reply.body, reply.body[:200])
                    s = settings(reply.json)[("openbeken", "wifi_password")]
                    expect(s["value"] is None and s["masked"] and s["length"] == len(SECRETS["password"]), s)
            for who in (reader, operator):
                e = rig.error("GET", path + "?secrets=1", 403, "forbidden", headers=who)
                expect("admin" in e["hint"], e)
            reply = rig.ask("GET", f"/api/v1{path}?secrets=1", headers=admin)
            expect(all(text.encode() in reply.body for text in SECRETS.values()) and reply.headers["cache-control"] == "no-store")
            rig.error("GET", path + "?secrets=yes", 400, "bad-request", headers=admin)
        expect("SECRET" not in rig.stderr())


def test_part_of_a_chip_is_read_by_its_addresses():
    rig = Rig()
    rig.configure(slot("a", target="nor", chip="EF4015", image=rig.image("i", beken.plug(config=CONFIG))))
    with rig:
        whole = rig.api("GET", f"/dumps/{rig.backup('a')['result']['dump']}/analysis")
        part = rig.api("GET", f"/dumps/{rig.backup('a', offset=0x11000)['result']['dump']}/analysis")
        expect(part["offset"] == 0x11000 and part["kind"] == "headless" and part["bootloader"] is None, part)
        for key in ("mac", "mac_offset", "firmware", "configuration"):
            expect(part[key] == whole[key], key, part[key], whole[key])
        expect(partitions(part)["app"]["offset"] == partitions(whole)["app"]["offset"] == 0x11000)
        middle = rig.api("GET", f"/dumps/{rig.backup('a', offset=0x1CF000, length=0x3000)['result']['dump']}/analysis")
        expect(middle["kind"] == "part" and middle["mac_offset"] == whole["mac_offset"] and middle["configuration"]["ssid"] == "home", middle)
        m = rig.api("GET", f"/dumps/{middle['dump']}/map")
        expect(m["offset"] == 0x1CF000 and m["cells"] == ".dd", m)


def test_map_shows_each_sector_and_what_differs():
    with Rig(BARE) as rig:
        one = bytearray(beken.plug(config=CONFIG))
        one[0x150000:0x151000] = bytes(4096)
        one[0x151000:0x152000] = images.noise(4096, 1)
        one[0x152000:0x153000] = (b"text of some kind, line by line\n" * 128)[:4096]
        two = bytearray(one)
        two[0x1D0024] ^= 2
        a, b = (upload(rig, bytes(c), "/dumps").json["id"] for c in (one, two))
        m = rig.api("GET", f"/dumps/{a}/map?other={b}")
        expect(len(m["cells"]) == len(m["differs"]) == 512 and m["sector_size"] == 4096, m)
        expect(set(m["cells"]) == set(".0cdzt") and set(m["cells"]) < set(m["legend"]), m["cells"])
        expect([m["cells"][n] for n in (0, 0x11, 0x150, 0x151, 0x152, 0x1D0, 0x1FF)] == list("cc0ztd."), m["cells"])
        expect([n for n, c in enumerate(m["differs"]) if c == "1"] == [0x1D0], m["differs"])
        names = {p["name"]: p for p in m["partitions"]}
        expect(names["rf"] == {"name": "rf", "offset": 0x1D0000, "length": 4096, "ok": True} and names["app"]["ok"] is True, names)
        expect("differs" not in rig.api("GET", f"/dumps/{a}/map"))
        image = upload(rig, bytes(one), "/images").json["id"]
        expect(rig.api("GET", f"/images/{image}/map")["cells"] == m["cells"])
        d = rig.api("GET", f"/dumps/{a}/diff/{b}")
        expect(sum(p["differing_sectors"] for p in d["partitions"]) == d["differing_sectors"] == 1, d)
        expect([p["name"] for p in d["partitions"] if p["differing_sectors"]] == ["rf"], d)
        rig.error("GET", f"/dumps/{a}/map?other=99", 422, "unprocessable")
        rig.error("GET", f"/dumps/{a}/map?other=x", 400, "bad-request")
        rig.error("GET", f"/images/{image}/map?other={b}", 400, "bad-request")
        for path in ("/dumps/99/map", "/dumps/99/analysis", "/images/99/map", "/images/99/analysis"):
            rig.error("GET", path, 404, "not-found")


def test_anything_can_be_asked_what_it_is():
    with Rig(BARE) as rig:
        for content, kind in ((b"x", "bin"), (b"\xff" * 5000, "erased"), (images.noise(300001, 4), "bin"),
                              (beken.plug()[0x11000:], "headless"), (beken.plug()[:0x20000], "qio"), (beken.plug()[0x11000:0x12A000], "ua"),
                              (beken.plug()[0x11000:] + beken.plug()[:0x11000], "rotated"), (beken.vectors() + bytes(5000), "raw"),
                              (beken.container(beken.vectors() + b"\0OpenBK7231N_1.18.301\0" + bytes(5000)), "rbl")):
            image = upload(rig, content).json
            a = rig.api("GET", f"/images/{image['id']}/analysis")
            expect(a["kind"] == kind and a["size"] == len(content), kind, a)
            if kind in ("headless", "ua", "rotated"):
                expect(a["mac"] == ("02:00:00:00:00:01" if kind != "ua" else None) and a["firmware"]["version"] == "1.18.300", kind, a)
        box = a["containers"][0]
        ug = upload(rig, b"\x55\xaa\x55\xaa" + bytes(28) + beken.container(b"firmware")).json["id"]
        boxed = rig.api("GET", f"/images/{ug}/analysis")
        expect(boxed["kind"] == "ug" and boxed["containers"][0]["offset"] == 32 and boxed["containers"][0]["hash_ok"], boxed)
        expect(boxed["summary"] == "a container for an update: app 1.2.3" and boxed["write_at"] is None, boxed)
        expect(box["body_ok"] and box["hash_ok"] and box["name"] == "app" and box["packed_at"] == "2023-11-14T22:13:20.000Z", box)
        expect(a["firmware"]["version"] == "1.18.301" and a["firmware"]["sure"] == "checked", a["firmware"])


def test_real_devices_tell_what_they_are():
    one, two = images.real("tuya_bk7231n_switch_8044.bin"), images.real("tuya_bk7231n_switch_8046.bin")
    if not one or not two:
        return "the dumps are not here"
    with Rig(BARE) as rig:
        a, b = (upload(rig, content, "/dumps").json["id"] for content in (one, two))
        for dump, mac in ((a, "10:5A:17:F3:D6:37"), (b, "10:5A:17:F5:6D:6F")):
            reply = rig.ask("GET", f"/api/v1/dumps/{dump}/analysis")
            said = reply.json
            expect(said["mac"] == mac and said["summary"] == "Tuya oem_bk7231n_dctrl_switch 1.0.2 on BK7231N", said["summary"])
            expect(said["chip"]["sure"] == said["firmware"]["sure"] == said["bootloader"]["sure"] == "checked")
            expect(said["firmware"]["sdk"].startswith("TUYA IOT SDK V:2.3.1") and said["layout"]["name"] == "tuya-bk7231n")
            expect(len(said["containers"]) == 2 and all(c["body_ok"] and c["hash_ok"] for c in said["containers"]))
            found = settings(said)
            expect(found[("tuya", "user_param_key.module")]["value"] == "CBU" and found[("tuya", "gw_bi.ap_ssid")]["value"] == "SmartLife")
            shown = settings(rig.api("GET", f"/dumps/{dump}/analysis?secrets=1"))
            for key in ("gw_bi.psk_key", "gw_bi.auth_key", "gw_bi.uuid", "gw_bi.fac_pin"):
                expect(found[("tuya", key)]["masked"] and found[("tuya", key)]["value"] is None, key)
                secret = shown[("tuya", key)]["value"]
                expect(len(secret) == found[("tuya", key)]["length"] >= 16 and secret.encode() not in reply.body, key)
        d = rig.api("GET", f"/dumps/{a}/diff/{b}")
        counts = {p["name"]: p["differing_sectors"] for p in d["partitions"] if p["differing_sectors"]}
        expect(d["differing_sectors"] == 19 and counts == {"rf": 1, "kv-key": 1, "kv-data": 14, "kv-swap": 3}, counts)


def test_real_images_tell_what_they_are():
    for name, chip, layout in (("OpenBK7231N_QIO_1.18.300.bin", "BK7231N", "tuya-bk7231n"),
                               ("OpenBK7231T_QIO_1.18.300.bin", "BK7231T", "tuya-bk7231t"), ("OpenBK7252_QIO_1.18.300.bin", "BK7252", "sdk-2m")):
        content = images.real(name)
        if content is None:
            return f"{name} is not here"
        with Rig(BARE) as rig:
            image = upload(rig, content, name=name).json["id"]
            said = rig.api("GET", f"/images/{image}/analysis")
            expect(said["kind"] == "qio" and said["summary"] == f"OpenBeken 1.18.300 on {chip}", said["summary"])
            expect(said["chip"]["sure"] == "checked" and said["layout"]["name"] == layout and said["layout"]["table"], said["layout"])
            expect(said["scrambling"]["scrambled"] is (chip != "BK7252") and said["warnings"] == [], said)
            expect([p["ok"] for p in said["partitions"] if p["kind"] == "code"] == [True, True], said["partitions"])
            expect([(c["name"], c["body_ok"], c["hash_ok"]) for c in said["containers"]] ==
                   [("bootloader", True, True), ("app", True, True)], said["containers"])


def test_large_content_is_analysed_in_little_memory():
    with Rig(BARE, http="max_upload = 64M") as rig:
        # The copy by which it comes in is over before it is counted.
        image = upload(rig, images.noise(1 << 20, 1) * 32).json["id"]
        rig.stop()
        rig.start()
        rig.api("GET", "/info")
        before = rig.memory_kib()
        start = time.monotonic()
        a = rig.api("GET", f"/images/{image}/analysis")
        took = time.monotonic() - start
        expect(a["sectors"] == 8192 and a["erased_sectors"] == 0 and a["partitions"] == [], a)
        grown = rig.memory_kib() - before
        # The address sanitizer keeps what is freed for a while.
        expect(rig.slow > 1 or grown < 8 << 10, "an analysis of 32 MiB took", grown, "KiB")
        expect(took < 20 * rig.slow, "an analysis of 32 MiB took", took, "s")


def refused(job, code, *words):
    expect(job["state"] == "failed" and job["error"]["code"] == code, job["state"], job["error"])
    expect(all(w in job["error"]["message"] for w in words) and job["error"]["hint"].startswith("Nothing was written."), job["error"])


def test_what_does_not_suit_a_board_is_not_written():
    rig = Rig()
    old = beken.plug()
    rig.configure(slot("n", target="bk7231n", chip="EF4015", entry_success=0.5, image=rig.image("i", old), image_save="yes"))
    with rig:
        same, other, broken = beken.plug(version=b"1.18.301"), beken.plug(chip=b"T"), bytearray(beken.plug())
        broken[0x11005] ^= 1
        box = beken.container(beken.vectors() + bytes(5000))
        ids = {name: upload(rig, bytes(content)).json["id"] for name, content in
               (("same", same), ("other", other), ("broken", broken), ("box", box), ("app", same[0x11000:0x12A000]), ("qio", same[:0x20000]))}
        refused(rig.run("write", "n", image=ids["other"]), "chip-mismatch", "BK7231T", "BK7231N")
        refused(rig.run("write", "n", image=ids["broken"]), "conflict", "damaged", "0x11000")
        refused(rig.run("write", "n", image=ids["box"]), "conflict", "container")
        refused(rig.run("write", "n", image=ids["app"]), "conflict", "0x11000")
        refused(rig.run("write", "n", image=ids["qio"], offset="0x11000"), "conflict", "bootloader")
        dump = upload(rig, other, "/dumps").json["id"]
        refused(rig.run("write", "n", dump=dump), "chip-mismatch", "BK7231T")
        expect(rig.api("GET", "/dumps")["dumps"][0]["id"] == dump, "a refused write reads and changes nothing")
        expect(rig.run("write", "n", image=ids["app"], offset="0x11000")["state"] == "done")
        expect(rig.run("write", "n", image=ids["same"])["state"] == "done")
        forced = rig.run("write", "n", image=ids["other"], force=True)
        expect(forced["state"] == "done", forced["error"])
        log = rig.ask("GET", f"/api/v1/jobs/{forced['id']}/log").body.decode()
        expect("OpenBeken 1.18.300 on BK7231T" in log and "it is forced" in log, log)
        rig.stop()
        with open(f"{rig.dir}/i", "rb") as f:
            expect(f.read() == other)


def test_a_board_can_be_asked_about_before_a_write():
    with Rig(BARE) as rig:
        image = upload(rig, beken.plug(chip=b"T")[:0x20000]).json["id"]
        path = f"/images/{image}/analysis"
        a = rig.api("GET", path)
        expect(a["write_at"] == 0 and a["verdict"] is None, a)
        for query, suits, word in (("target=bk7231t", "fine", None), ("target=bk7231n", "wrong", "BK7231T"),
                                   ("target=bk7231t&at=0x11000", "wrong", "belongs at 0"), ("target=nor", "fine", None)):
            v = rig.api("GET", f"{path}?{query}")["verdict"]
            expect(v["suits"] == suits and (v["why"] is None if word is None else word in v["why"]), query, v)
        whole = upload(rig, beken.plug(chip=b"T")).json["id"]
        v = rig.api("GET", f"/images/{whole}/analysis?target=bk7231t")["verdict"]
        expect(v["suits"] == "doubtful" and "02:00:00:00:00:01" in v["why"] and "preserve" in v["hint"], v)
        e = rig.error("GET", f"{path}?target=esp32", 400, "bad-request")
        expect("esp32" in e["message"] and e["hint"], e)
        rig.error("GET", f"{path}?at=0", 400, "bad-request")


def test_one_partition_can_be_had_also_decoded():
    with Rig(BARE) as rig:
        flash = beken.plug(config=CONFIG)
        dump = upload(rig, flash, "/dumps").json["id"]
        path = f"/api/v1/dumps/{dump}/partitions"
        rf = rig.ask("GET", f"{path}/rf")
        expect(rf.status == 200 and rf.body == flash[0x1D0000:0x1D1000], rf.status)
        expect(rf.headers["content-disposition"] == f'attachment; filename="flashrig_dump{dump}_rf.bin"', rf.headers)
        expect(rig.ask("GET", f"{path}/rf", headers={"If-None-Match": rf.headers["etag"]}).status == 304)
        app = rig.ask("GET", f"{path}/app")
        expect(app.body == flash[0x11000:0x11000 + 0x118F70], len(app.body))
        clear = rig.ask("GET", f"{path}/app?decoded=1")
        expect(len(clear.body) == 0x108700 and clear.headers["etag"] != app.headers["etag"], len(clear.body))
        expect(clear.body[:32] == beken.vectors() and clear.body[32:0x2020] == b"\x3c" * 0x2000)
        expect(b"\0OpenBK7231N_1.18.300\0" in clear.body and clear.body[-0x10000:] == b"\xff" * 0x10000)
        loader = rig.ask("GET", f"{path}/bootloader?decoded=1").body
        expect(len(loader) == 0x10000 and b"BK7231N_1.0.1" in loader)
        e = rig.error("GET", f"/dumps/{dump}/partitions/nothing", 404, "not-found")
        expect("rf" in e["hint"] and "nothing" in e["message"], e)
        rig.error("GET", f"/dumps/{dump}/partitions/rf?decoded=1", 422, "unprocessable")
        rig.error("GET", f"/dumps/{dump}/partitions/rf?decoded=yes", 400, "bad-request")
        rig.error("GET", "/dumps/99/partitions/rf", 404, "not-found")
        noise = upload(rig, images.noise(5000, 1)).json["id"]
        e = rig.error("GET", f"/images/{noise}/partitions/app", 404, "not-found")
        expect("No partitions" in e["hint"], e)
        for cut in (flash[0x11000:0x12A000], flash[0x11000:] + flash[:0x11000]):
            image = upload(rig, cut).json["id"]
            same = rig.ask("GET", f"/api/v1/images/{image}/partitions/app?decoded=1").body
            expect(same == clear.body, len(same))


def test_partition_of_a_real_device_is_what_its_trailer_says():
    content = images.real("tuya_bk7231n_switch_8044.bin")
    if not content:
        return "the dump is not here"
    with Rig(BARE) as rig:
        dump = upload(rig, content, "/dumps").json["id"]
        clear = rig.ask("GET", f"/api/v1/dumps/{dump}/partitions/app?decoded=1").body
        expect(clear[4:32] == beken.vectors()[4:] and b"\0oem_bk7231n_dctrl_switch\0" in clear, clear[:32])
        expect(b"< TUYA IOT SDK V:2.3.1" in clear and len(clear) == 0x108700)
