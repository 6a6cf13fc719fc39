"""The UART way: the same jobs through simulated loaders behind real ports, and what boards print."""

import hashlib
import json
import random
import time
import zlib

import beken
import images
from rigd import Events, Failed, Rig, expect, slot

ROM = dict(target="bk7231n", chip="EF4014", uart="sim")
SOFT = dict(target="bk7252", chip="EF4014", uart="sim")
SIZE = 1 << 20


def content():
    return images.noise(0x24000, 5) + b"\xff" * (SIZE - 0x24000)


def two_boards():
    rig = Rig()
    rig.configure(slot("rom", image=rig.image("rom.bin", content()), **ROM)
                  + slot("soft", image=rig.image("soft.bin", content()), **SOFT)
                  + slot("none", target="nor", chip="EF4014"))
    return rig


def wait_for_application(rig, name):
    """Until the slot's live log shows that the loader has let the application start."""
    connection = rig.connection(20)
    connection.request("GET", f"/api/v1/slots/{name}/log")
    reply = connection.getresponse()
    expect(reply.status == 200 and reply.getheader("Content-Type").startswith("text/event-stream"))
    expect(reply.readline() == b"event: log\n")
    text = ""
    while "application started" not in text:
        line = reply.readline()
        expect(line, "the log ended")
        if line.startswith(b"data: "):
            text += json.loads(line.removeprefix(b"data: "))["text"]
    connection.close()


def test_slots_say_which_ways_they_have():
    with two_boards() as rig:
        expect(rig.api("GET", "/slots/rom")["transports"] == ["spi", "uart"])
        expect(rig.api("GET", "/slots/rom")["log"] is True)
        expect(rig.api("GET", "/slots/none")["transports"] == ["spi"])
        expect(rig.api("GET", "/slots/none")["log"] is False)
        body = {"type": "backup", "slot": "none", "transport": "uart"}
        rig.error("POST", "/jobs", 422, "unprocessable", body)
        rig.error("POST", "/jobs", 422, "unprocessable", {"type": "bootlog", "slot": "none"})


def test_backup_by_uart_is_the_one_by_spi():
    with two_boards() as rig:
        for name in ("rom", "soft"):
            by_uart = rig.backup(name, transport="uart")["result"]
            sha = hashlib.sha256(content()).hexdigest()
            expect(by_uart["sha256"] == sha and by_uart["verified"], by_uart)
            expect(by_uart["beken_crc32"] == f"{zlib.crc32(content()) ^ 0xFFFFFFFF:08X}", by_uart)
            dump = rig.api("GET", f"/dumps/{by_uart['dump']}")
            expect(dump["source"] == "uart" and dump["complete"] and dump["verified"], dump)
            expect(dump["beken_crc32"] == by_uart["beken_crc32"], dump)
            by_spi = rig.backup(name)["result"]
            expect(by_spi["sha256"] == sha, by_spi)
            expect("beken_crc32" not in rig.api("GET", f"/dumps/{by_spi['dump']}"))


def test_write_by_uart_is_backed_up_proven_and_boots():
    with two_boards() as rig:
        bytes_ = images.noise(0x5000, 9)
        image = rig.ask("POST", "/api/v1/images?name=p.bin", bytes_, raw=True).json
        for name in ("rom", "soft"):
            job = rig.run("write", name, transport="uart", image=image["id"], offset=0x60800, force=True,
                          boot_check={"pattern": "application started", "seconds": 20})
            expect(job["state"] == "done", job)
            expect(job["result"]["verified"] and job["result"]["backup"], job)
            log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/bootlog").body.decode()
            expect("application started" in log and log[:2] == "20", log)
            want = bytearray(content())
            want[0x60800:0x65800] = bytes_
            after = rig.backup(name)["result"]
            expect(after["sha256"] == hashlib.sha256(want).hexdigest(), "the chip holds something else")


def test_board_that_does_not_say_the_word_fails_and_keeps_what_it_said():
    with two_boards() as rig:
        job = rig.run("write", "rom", transport="uart", fill=0, offset=0x60000, length=0x1000,
                      boot_check={"pattern": "no such text", "seconds": 6})
        expect(job["state"] == "failed" and job["error"]["code"] == "verify-failed", job)
        expect("no such text" in job["error"]["message"], job)
        log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/bootlog").body.decode()
        expect("application started" in log, log)


def test_no_request_erases_a_bootloader_in_flash_without_force():
    with two_boards() as rig:
        image = rig.ask("POST", "/api/v1/images?name=p.bin", images.noise(0x12000, 3), raw=True).json["id"]
        blank = rig.ask("POST", "/api/v1/dumps?label=blank&jedec_id=EF4014", b"\xff" * SIZE, raw=True).json["id"]
        requests = [("erase", {}), ("erase", {"offset": 0x10000, "length": 0x2000}), ("erase", {"length": 0x1000}),
                    ("erase", {"preserve": [{"offset": 0, "length": 0x10fff}]}),
                    ("write", {"image": image}), ("write", {"image": image, "offset": 0x10fff}),
                    ("write", {"fill": 0xff, "offset": 0, "length": 0x20000}), ("write", {"dump": blank}),
                    ("restore", {"dump": blank, "other_device": True})]
        before = rig.backup("soft")["result"]["sha256"]
        for transport in ("uart", "spi"):
            for type_, more in requests:
                job = rig.run(type_, "soft", transport=transport, **more)
                expect(job["state"] == "failed" and job["error"]["code"] in ("conflict", "protected"), type_, more, job)
                expect("bootloader" in job["error"]["message"] and "force" in job["error"]["hint"], type_, more, job)
            batch = rig.api("POST", "/batches", {"type": "erase", "slots": ["soft"], "transport": transport}, status=202)
            expect(rig.wait(batch["jobs"][0])["error"]["code"] in ("conflict", "protected"), batch)
        expect(rig.backup("soft")["result"]["sha256"] == before, "something of it was changed")
        error = rig.run("erase", "soft", transport="uart", length=0x1000, force=True)["error"]
        expect(error["code"] == "protected" and "SPI" in error["hint"], "the loader itself refuses", error)
        expect(rig.run("erase", "soft", length=0x1000, force=True)["state"] == "done")


def test_boot_log_is_recorded_and_can_be_followed():
    with two_boards() as rig:
        wait_for_application(rig, "rom")
        job = rig.run("bootlog", "rom", seconds=4)
        expect(job["state"] == "done", job)
        log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/bootlog").body.decode()
        expect("BK7231N boot" in log and "application started" in log, log)
        rig.error("GET", "/slots/none/log", 422, "unprocessable")
        rig.error("GET", f"/jobs/{rig.run('identify', 'none')['id']}/bootlog", 404, "not-found")


def test_board_backed_up_by_uart_stays_the_slots_device_when_spi_tells_its_id():
    with two_boards() as rig:
        rig.backup("soft", transport="uart")
        device = rig.api("GET", "/slots/soft")["device"]
        expect(device, "no device after a backup")
        expect(rig.run("identify", "soft")["state"] == "done")
        slot_now = rig.api("GET", "/slots/soft")
        expect(slot_now["device"] == device and slot_now["chip"]["jedec_id"] == "EF4014", slot_now)
        expect(rig.run("identify", "soft", transport="uart")["state"] == "done")
        expect(rig.api("GET", "/slots/soft") == slot_now, "what SPI told is forgotten")


def test_offset_behind_the_chip_is_named():
    with two_boards() as rig:
        job = rig.run("erase", "none", offset="0xfffffff", length=1)
        expect(job["error"]["code"] == "chip-mismatch" and "0xfffffff" in job["error"]["message"], job["error"])
        job = rig.run("blank-check", "none", offset="0xfffffff")
        expect("-" not in job["error"]["message"].replace("chip-mismatch", ""), job["error"])


# A chip of 2 MiB behind a boot ROM, and one of 4 MiB whose loader is in its flash, as they are sold.
WHOLE = [("n", dict(target="bk7231n", chip="EF4015", uart="sim"), 2 << 20, 0),
         ("cam", dict(target="bk7252", chip="0B4016", uart="sim"), 4 << 20, 0x11000)]


def test_whole_chips_are_backed_up_written_and_come_back():
    if Rig.slow != 1:
        return "takes minutes with sanitizers; the optimised daemon is tried"
    slots = [slot(name, **keys) for name, keys, _, _ in WHOLE]
    with Rig() as rig:
        before = [images.noise(0x60000, 31) + b"\xff" * (size - 0x60000) for _, _, size, _ in WHOLE]
        rig.stop()
        rig.configure("".join(s + f"image = {rig.image(w[0], b)}\n" for s, w, b in zip(slots, WHOLE, before)))
        rig.start()
        for (name, _, size, start), old in zip(WHOLE, before):
            new = images.noise(size - start, size)
            image = rig.ask("POST", f"/api/v1/images?name={name}", new, raw=True).json["id"]
            more = {"offset": start} if start else {"force": True}  # noise is no bootloader
            job = rig.wait(rig.submit("write", name, transport="uart", image=image, **more), 120)
            expect(job["state"] == "done" and job["result"]["verified"], job)
            way_back = rig.api("GET", f"/dumps/{job['result']['backup']}")
            expect(way_back["size"] == size and way_back["complete"] and way_back["verified"], way_back)
            expect(way_back["sha256"] == hashlib.sha256(old).hexdigest(), "the way back is something else")
            result = rig.backup(name, transport="uart")["result"]
            expect(rig.content(result["dump"]).body == old[:start] + new, "the chip holds something else")
            expect(result["beken_crc32"] == f"{zlib.crc32(old[:start] + new) ^ 0xFFFFFFFF:08X}", result)


def test_dump_from_behind_the_loader_is_archived_as_what_it_is():
    content_ = images.noise(0x90000, 8) + b"\xff" * ((2 << 20) - 0x90000)
    with Rig() as rig:
        rig.stop()
        rig.configure(slot("cam", target="bk7252", chip="EF4015", uart="sim", image=rig.image("cam.bin", content_)))
        rig.start()
        job = rig.backup("cam", transport="uart", offset=0x11000)
        result = job["result"]
        expect(result["size"] == 2027520 == 495 * 4096 and result["offset"] == 0x11000 and result["verified"], result)
        dump = rig.api("GET", f"/dumps/{result['dump']}")
        part = content_[0x11000:]
        expect(dump["offset"] == 0x11000 and dump["size"] == 2027520 and dump["complete"] is False, dump)
        expect(dump["verified"] and dump["sha256"] == hashlib.sha256(part).hexdigest(), dump)
        expect(dump["crc32"] == f"{zlib.crc32(part):08X}", dump)
        expect(dump["beken_crc32"] == f"{zlib.crc32(part) ^ 0xFFFFFFFF:08X}", dump)
        log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/log").body.decode()
        expect(f"the chip's own CRC of all of it is the same: {dump['beken_crc32']}" in log, log)
        expect("loader in flash" in log and "flash ID not told" in log, log)


def test_batch_by_uart_writes_every_board():
    with two_boards() as rig:
        bytes_ = images.noise(0x3000, 12)
        image = rig.ask("POST", "/api/v1/images?name=p.bin", bytes_, raw=True).json["id"]
        body = {"type": "write", "slots": ["rom", "soft"], "transport": "uart", "image": image, "offset": 0x40000}
        batch = rig.api("POST", "/batches", body, status=202)
        expect(batch["request"]["transport"] == "uart", batch)
        want = content()[:0x40000] + bytes_ + content()[0x43000:]
        for job in batch["jobs"]:
            job = rig.wait(job)
            expect(job["state"] == "done" and job["result"]["verified"], job)
            log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/log").body.decode()
            expect("link checks in" in log, log)
            sha = rig.backup(job["slot"])["result"]["sha256"]
            expect(sha == hashlib.sha256(want).hexdigest(), job["slot"], "holds something else")
        body = {"type": "backup", "slots": ["rom", "none"], "transport": "uart"}
        rig.error("POST", "/batches", 422, "unprocessable", body)


def test_slot_with_nothing_but_a_uart_does_its_jobs():
    with Rig() as rig:
        rig.stop()
        rig.configure(slot("lone", image=rig.image("lone.bin", content()), spi="none", cen="none", **ROM))
        rig.start()
        lone = rig.api("GET", "/slots/lone")
        expect(lone["transports"] == ["uart"] and lone["cen"] is False, lone)
        wait_for_application(rig, "lone")  # the loader does not listen any more, but this firmware reboots
        job = rig.backup("lone")  # no transport: the slot has but one
        expect(job["request"] == {"transport": "uart"} and "asks" not in job, job)
        expect(job["result"]["verified"] and job["result"]["sha256"] == hashlib.sha256(content()).hexdigest(), job)
        error = rig.error("POST", "/jobs", 422, "unprocessable", {"type": "backup", "slot": "lone", "transport": "spi"})
        expect("no SPI" in error["message"], error)
        rig.error("POST", "/slots/lone/reset", 422, "unprocessable")
        body = {"type": "backup", "slots": ["lone"], "hands_free": True}
        expect("no SPI" in rig.error("POST", "/batches", 422, "unprocessable", body)["message"])
        config = rig.api("GET", "/config")["slots"][0]
        expect(config["uart"] == "sim" and config["spi"] is None and config["cen"] is None, config)


def asked(rig, job):
    """What the person is asked for, as soon as somebody is."""
    end = time.monotonic() + 30 * Rig.slow
    while time.monotonic() < end:
        state = rig.api("GET", f"/jobs/{job}")
        if state.get("asks"):
            return state["asks"]
        expect(state["state"] in ("queued", "running"), "nobody was asked", state)
        time.sleep(0.02)
    raise Failed("nobody was asked in time")


def test_where_nothing_else_resets_a_board_a_person_is_called_and_waited_for():
    with Rig() as rig:
        rig.stop()
        rig.configure(slot("deaf", image=rig.image("deaf.bin", content()), spi="none", cen="none", faults="uart_deaf=1", **ROM))
        rig.start()
        wait_for_application(rig, "deaf")
        job = rig.submit("backup", "deaf")
        expect("Reset the board now" in asked(rig, job))
        for present in (False, True):  # as hands do it: its power off and on
            rig.api("POST", "/slots/deaf/sim", {"present": present})
        end = rig.wait(job)
        expect(end["state"] == "done" and end["result"]["verified"] and "asks" not in end, end)
        expect(end["result"]["sha256"] == hashlib.sha256(content()).hexdigest(), end)
        log = rig.ask("GET", f"/api/v1/jobs/{job}/log").body.decode()
        expect(log.index("asking the firmware to reboot") < log.index("waiting for a reset by hand"), log)
        wait_for_application(rig, "deaf")
        job = rig.submit("identify", "deaf")
        asked(rig, job)
        rig.api("POST", f"/jobs/{job}/cancel", status=202)
        expect(rig.wait(job)["state"] == "cancelled")


def test_every_job_by_uart_does_what_it_does_by_spi():
    with two_boards() as rig:
        for name in ("rom", "soft"):
            dump = rig.backup(name, transport="uart")["result"]["dump"]
            expect(rig.run("identify", name, transport="uart")["state"] == "done")
            expect(rig.run("verify", name, transport="uart", dump=dump)["result"]["verified"])
            blank = rig.run("blank-check", name, transport="uart", offset=0x24000)
            expect(blank["state"] == "done", blank)
            wrong = rig.run("blank-check", name, transport="uart", offset=0x23000, length=0x2000)
            expect(wrong["error"]["code"] == "not-blank" and wrong["error"]["offset"] == 0x23000, wrong["error"])
            gone = rig.run("erase", name, transport="uart", offset=0x13010, length=0x4000)
            expect(gone["state"] == "done" and gone["result"]["verified"], gone)
            differs = rig.run("verify", name, transport="uart", dump=dump)["error"]
            expect(differs["code"] == "verify-failed" and differs["offset"] == 0x13010, differs)
            expect(differs["differing_sectors"] == 5, differs)
            back = rig.run("restore", name, transport="uart", dump=dump, force=name == "soft")
            expect(back["state"] == "done" and back["result"]["verified"], back)
            expect(back["result"]["programmed"] == 5 * 4096, back["result"])
            expect(rig.backup(name)["result"]["sha256"] == hashlib.sha256(content()).hexdigest(), "not as it was")


def test_write_by_uart_that_is_killed_is_resumed_and_right():
    chance = random.Random(11)
    hit = 0
    for name, keys in (("rom", ROM), ("soft", SOFT)):
        with Rig() as rig:
            rig.stop()
            path = rig.image("content.bin", content())
            rig.configure(slot(name, image=path, image_save="live", **keys))
            rig.start()
            new = images.noise(0x80000, 21)
            image = rig.ask("POST", "/api/v1/images?name=n.bin", new, raw=True).json["id"]
            job = rig.submit("write", name, transport="uart", image=image, offset=0x20000)
            for _ in range(2):
                try:
                    rig.wait_phase(job, "write", 60)
                except Failed:
                    break  # the kill before this one left nothing to write; the end below is held to the same
                time.sleep(chance.uniform(0, 0.05))
                rig.kill()
                rig.start()
                state = rig.api("GET", f"/jobs/{job}")
                if state["state"] == "done":
                    break
                hit += 1
                expect(state["state"] == "interrupted" and state["result"]["backup"], state)
                device = rig.api("GET", f"/devices/{state['result']['device']}")
                expect(device["partial"]["job"] == job, "a half-written board is not marked", device)
                job = rig.api("POST", f"/jobs/{job}/resume", status=202)["id"]
            end = rig.wait(job)
            expect(end["state"] == "done" and end["result"]["verified"], end)
            expect(rig.api("GET", f"/devices/{end['result']['device']}")["partial"] is None, "the mark stays")
            want = content()[:0x20000] + new + content()[0xa0000:]
            expect(rig.backup(name)["result"]["sha256"] == hashlib.sha256(want).hexdigest(), "not what was written")
    expect(hit >= 1, "hardly a kill fell into a write:", hit)


def test_backup_and_write_over_a_bad_line_are_right():
    if Rig.slow != 1:
        return "takes minutes with sanitizers; the optimised daemon is tried"
    bad = dict(faults="seed=5 uart_drop=3e-6 uart_twice=3e-6 uart_flip=5e-6")
    with Rig() as rig:
        rig.stop()
        rig.configure(slot("rom", image=rig.image("rom.bin", content()), **ROM, **bad)
                      + slot("soft", image=rig.image("soft.bin", content()), **SOFT, **bad))
        rig.start()
        new = images.noise(0x8000, 44)
        image = rig.ask("POST", "/api/v1/images?name=n.bin", new, raw=True).json["id"]
        want = content()[:0x60000] + new + content()[0x68000:]
        for name in ("rom", "soft"):
            result = rig.backup(name, transport="uart")["result"]
            expect(result["verified"] and result["sha256"] == hashlib.sha256(content()).hexdigest(), result)
            log = rig.ask("GET", f"/api/v1/jobs/{rig.api('GET', '/jobs')['jobs'][0]['id']}/log").body.decode()
            expect("sectors read again: " in log, "the line was not bad at all", log)
            job = rig.wait(rig.submit("write", name, transport="uart", image=image, offset=0x60000), 90)
            expect(job["state"] == "done" and job["result"]["verified"], job)
            expect(rig.backup(name)["result"]["sha256"] == hashlib.sha256(want).hexdigest(), "something else is on it")


def test_board_prints_what_is_on_it_and_a_boot_check_asks_for_the_new_firmware():
    if Rig.slow != 1:
        return "takes minutes with sanitizers; the optimised daemon is tried"
    old, new = beken.plug(version=b"1.17.800"), beken.plug(version=b"1.18.300")
    with Rig() as rig:
        rig.stop()
        rig.configure(slot("plug", target="bk7231n", chip="EF4015", uart="sim", image=rig.image("old.bin", old)))
        rig.start()

        def boot_log(job):
            return rig.ask("GET", f"/api/v1/jobs/{job['id']}/bootlog").body.decode()

        wait_for_application(rig, "plug")
        text = boot_log(rig.run("bootlog", "plug", seconds=4))
        for line in ("V:BK7231N_1.0.1", "chip BK7231N", "firmware openbeken", "version 1.17.800"):
            expect(line in text, line, "is not in", text)
        image = rig.ask("POST", "/api/v1/images?name=new.bin", new, raw=True).json["id"]
        for transport, wants, state in (("spi", "1.17.800", "failed"), ("uart", "1.18.300", "done")):
            job = rig.run("write", "plug", transport=transport, image=image, boot_check={"pattern": wants, "seconds": 8})
            expect(job["state"] == state, transport, job)
            expect("version 1.18.300" in boot_log(job) and "1.17.800" not in boot_log(job), boot_log(job))
        expect(rig.run("erase", "plug", transport="uart", offset=0x11000)["state"] == "done")
        expect("started" not in boot_log(rig.run("bootlog", "plug", seconds=2)), "an erased board runs something")


def test_loader_without_a_crc_is_read_twice_and_right():
    faults = dict(faults="seed=7 uart_no_crc=1 uart_flip=5e-6")
    with Rig() as rig:
        rig.stop()
        rig.configure(slot("rom", image=rig.image("rom.bin", content()), **ROM, **faults)
                      + slot("soft", image=rig.image("soft.bin", content()), **SOFT, spi="none", **faults))
        rig.start()
        new = images.noise(0x8000, 44)
        image = rig.ask("POST", "/api/v1/images?name=n.bin", new, raw=True).json["id"]
        want = content()[:0x60000] + new + content()[0x68000:]
        for name in ("rom", "soft"):
            job = rig.backup(name, transport="uart")
            result = job["result"]
            expect(result["verified"] and result["reads"] >= 2, result)
            expect(result["sha256"] == hashlib.sha256(content()).hexdigest(), "something else was archived")
            expect(result["beken_crc32"] == f"{zlib.crc32(content()) ^ 0xFFFFFFFF:08X}", result)
            log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/log").body.decode()
            expect("has no CRC of the flash" in log and "settled by majority" in log, log)
            job = rig.wait(rig.submit("write", name, transport="uart", image=image, offset=0x60000), 90)
            expect(job["state"] == "done" and job["result"]["verified"], job)
            after = rig.backup(name, transport="uart")["result"]
            expect(after["sha256"] == hashlib.sha256(want).hexdigest(), "something else is on it")
