"""The UART way: the same jobs through simulated loaders behind real ports, and what boards print."""

import hashlib
import json
import zlib

import images
from rigd import Rig, expect, slot

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


def test_bootloader_in_flash_is_not_erased_by_uart_without_force():
    with two_boards() as rig:
        for range_ in ({}, {"offset": 0x10000, "length": 0x2000}, {"offset": 0, "length": 0x1000}):
            job = rig.run("erase", "soft", transport="uart", **range_)
            expect(job["state"] == "failed" and job["error"]["code"] in ("conflict", "protected"), job)
            expect("bootloader" in job["error"]["message"] and "force" in job["error"]["hint"], job)
        expect(rig.backup("soft")["result"]["sha256"] == hashlib.sha256(content()).hexdigest())


def test_boot_log_is_recorded_and_can_be_followed():
    with two_boards() as rig:
        job = rig.run("bootlog", "rom", seconds=2)
        expect(job["state"] == "done", job)
        log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/bootlog").body.decode()
        expect("BK7231N boot" in log and "application started" in log, log)
        connection = rig.connection(20)
        connection.request("GET", "/api/v1/slots/rom/log")
        reply = connection.getresponse()
        expect(reply.status == 200 and reply.getheader("Content-Type").startswith("text/event-stream"))
        expect(reply.readline() == b"event: log\n")
        reply.readline()
        first = json.loads(reply.readline().removeprefix(b"data: "))
        expect("application started" in first["text"], first)
        connection.close()
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
