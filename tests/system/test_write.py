"""Writes: the way back first, only what differs, all of it proven."""


import images
from rigd import Rig, expect, slot


def upload(rig, content, name="test"):
    reply = rig.ask("POST", f"/api/v1/images?name={name}", content, {"Content-Type": "application/octet-stream"}, raw=True)
    expect(reply.status == 201, reply.status, reply.body[:300])
    return reply.json["id"]


def device_of(rig, job):
    return rig.api("GET", f"/devices/{job['result']['device']}")


def test_doorbell_is_flashed_and_brought_back():
    old, new = images.doorbell(seed=1), images.doorbell(seed=5)
    rig = Rig()
    rig.configure(slot("door", target="bk7252", chip="XT25F32B", entry_success=0.1, image=rig.image("door.bin", old),
                       image_save="yes", unique_id="0102030405060708", spi_hz=8000000))
    with rig:
        job = rig.run("write", "door", image=upload(rig, new), force=True, expect_jedec_id="0B4016")
        expect(job["state"] == "done", job["error"])
        r = job["result"]
        expect(r["verified"] and r["erased"] > 0 and r["programmed"] > 0 and r["backup"], r)
        expect(rig.content(r["backup"]).body == old, "the backup is not what was there")
        expect(device_of(rig, job)["partial"] is None)
        verify = rig.run("verify", "door", dump=r["backup"])
        expect(verify["state"] == "failed" and verify["error"]["code"] == "verify-failed", verify["error"])
        expect(verify["error"]["offset"] == 0 and verify["error"]["differing_sectors"] > 100, verify["error"])
        again = rig.run("write", "door", image=upload(rig, new), force=True)
        expect(again["result"]["erased"] == 0 and again["result"]["programmed"] == 0, again["result"])
        back = rig.run("restore", "door", dump=r["backup"])
        expect(back["state"] == "done", back["error"])
        rig.stop()
        with open(f"{rig.dir}/door.bin", "rb") as f:
            expect(f.read() == old, "restore did not bring the doorbell back")


def test_bootloader_is_not_overwritten_by_something_else():
    content = images.noise(4 << 20, 1)
    rig = Rig()
    rig.configure(slot("door", target="bk7252", chip="XT25F32B", image=rig.image("i", content)) +
                  slot("nor", target="nor", chip="EF4014"))
    with rig:
        image = upload(rig, images.noise(70000, 2))
        job = rig.run("write", "door", image=image)
        expect(job["state"] == "failed" and "bootloader" in job["error"]["message"] and job["error"]["hint"], job["error"])
        expect(rig.run("erase", "door")["state"] == "failed")
        expect(rig.run("write", "door", image=image, offset="0x11000")["state"] == "done")
        expect(rig.run("write", "door", image=image, preserve=[{"offset": 0, "length": "0x11000"}])["state"] == "done")
        expect(rig.run("write", "nor", image=image)["state"] == "done", "a bare flash has no bootloader to guard")
        expect(rig.run("write", "door", image=image, force=True)["state"] == "done")


def test_real_openbeken_replaces_real_tuya_firmware():
    old, new = images.real("tuya_bk7231n_switch_8044.bin"), images.real("OpenBK7231N_QIO_1.18.300.bin")
    if not old or not new:
        return "the real images are not here"
    rig = Rig()
    rig.configure(slot("plug", target="bk7231n", chip="1C7015", entry_success=0.3, image=rig.image("p", old), image_save="yes"))
    with rig:
        job = rig.run("write", "plug", image=upload(rig, new))
        expect(job["state"] == "done", job["error"])
        rig.stop()
        with open(f"{rig.dir}/p", "rb") as f:
            expect(f.read() == new + old[len(new):], "the chip does not hold image and rest")


def test_requests_that_make_no_sense_are_refused():
    with Rig(slot("a", target="nor", chip="EF4014")) as rig:
        for body in ({"type": "write"}, {"type": "restore"}, {"type": "verify"}, {"type": "write", "image": 99},
                     {"type": "restore", "dump": 99}, {"type": "write", "fill": 0, "length": 0}):
            rig.error("POST", "/jobs", 422, "unprocessable", {"slot": "a", **body})
        for body in ({"type": "write", "fill": 256}, {"type": "write", "fill": 0, "backup": "maybe"},
                     {"type": "write", "fill": 0, "expect_jedec_id": "XYZ"}, {"type": "write", "fill": 0, "preserve": [{}]},
                     {"type": "write", "fill": 0, "preserv": []}, {"type": "erase", "image": 1}, {"type": "write", "image": "1"}):
            rig.error("POST", "/jobs", 400, "bad-request", {"slot": "a", **body})
        large = rig.run("write", "a", image=upload(rig, bytes((1 << 20) + 1)))
        expect(large["state"] == "failed" and large["error"]["code"] == "chip-mismatch", large["error"])


def test_blank_check_and_erase():
    with Rig(slot("a", target="nor", chip="EF4014", image="/etc/hostname")) as rig:
        job = rig.run("blank-check", "a")
        expect(job["state"] == "failed" and job["error"]["code"] == "not-blank" and job["error"]["offset"] == 0, job["error"])
        expect(rig.run("erase", "a")["state"] == "done")
        expect(rig.run("blank-check", "a")["state"] == "done")
