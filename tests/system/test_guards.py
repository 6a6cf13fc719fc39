"""What somebody still needs does not go; what makes no sense is told before anything is changed."""

import images
from rigd import Rig, expect, slot

MIB = 1 << 20
SLOTS = slot("a", target="nor", chip="EF4012", spi_hz=20000000, speed=1, unique_id="0000000000000001") + slot("b", target="nor", chip="EF4014")


def upload(rig, content):
    return rig.ask("POST", "/api/v1/images?name=x", content, {"Content-Type": "application/octet-stream"}, raw=True).json["id"]


def test_image_or_dump_that_a_job_needs_is_not_deleted():
    with Rig(SLOTS) as rig:
        image, dump = upload(rig, images.noise(70000, 1)), rig.backup("b")["result"]["dump"]
        rig.backup("b")  # so that the first is not the last of its device
        running = rig.submit("backup", "a")
        rig.wait_phase(running, "read")
        needs = {"images": rig.submit("write", "a", image=image), "dumps": rig.submit("verify", "a", dump=dump)}
        for kind, id_ in (("images", image), ("dumps", dump)):
            for query in ("", "?force=1") if kind == "dumps" else ("",):
                e = rig.error("DELETE", f"/{kind}/{id_}{query}", 409, "conflict")
                expect(f"job {needs[kind]}" in e["message"] and e["hint"], e)
        for job in (*needs.values(), running):
            rig.api("POST", f"/jobs/{job}/cancel", status=202)
            rig.wait(job)
        batch = rig.api("POST", "/batches", {"type": "write", "slots": ["a"], "image": image, "hands_free": True}, status=202)["id"]
        rig.api("POST", "/slots/a/sim", {"present": False})
        e = rig.error("DELETE", f"/images/{image}", 409, "conflict")
        expect("batch" in e["message"] or "job" in e["message"], e)
        rig.api("POST", f"/batches/{batch}/cancel", status=202)
        for job in rig.api("GET", f"/batches/{batch}")["jobs"]:
            rig.wait(job)
        rig.api("DELETE", f"/images/{image}", status=204)
        rig.api("DELETE", f"/dumps/{dump}", status=204)


def test_way_back_of_a_half_written_device_is_not_deleted():
    with Rig(SLOTS) as rig:
        job = rig.submit("write", "a", image=upload(rig, images.noise(150000, 2)))
        rig.wait_phase(job, "write")
        rig.api("POST", f"/jobs/{job}/cancel", status=202)
        backup = rig.wait(job)["result"]["backup"]
        e = rig.error("DELETE", f"/dumps/{backup}", 409, "conflict")
        expect("write" in e["message"] and "resume" in e["hint"], e)
        expect(rig.run("restore", "a", dump=backup)["state"] == "done")
        expect(rig.api("GET", "/devices/1")["partial"] is None)


def test_way_back_of_a_half_written_device_is_not_moved_to_another():
    with Rig(SLOTS) as rig:
        other = rig.backup("b")["result"]["device"]
        job = rig.submit("write", "a", image=upload(rig, images.noise(150000, 5)))
        rig.wait_phase(job, "write")
        rig.api("POST", f"/jobs/{job}/cancel", status=202)
        result = rig.wait(job)["result"]
        backup, device = result["backup"], result["device"]
        for to in (other, None):
            e = rig.error("PATCH", f"/dumps/{backup}", 409, "conflict", {"device": to, "label": "moved"})
            expect(f"device {device}" in e["message"] and "write" in e["message"] and "resume" in e["hint"], e)
        dump = rig.api("GET", f"/dumps/{backup}")
        expect(dump["device"] == device and dump["label"] != "moved", dump)
        rig.api("PATCH", f"/dumps/{backup}", {"device": device, "label": "before"})  # it stays where it is
        expect(rig.run("restore", "a", dump=backup)["state"] == "done")
        expect(rig.api("PATCH", f"/dumps/{backup}", {"device": other})["device"] == other)


def test_image_that_is_larger_than_the_known_chip_is_refused():
    with Rig(SLOTS) as rig:
        image = upload(rig, images.noise(MIB + 1, 3))
        job = rig.run("write", "b", image=image)
        expect(job["state"] == "failed" and job["error"]["code"] == "chip-mismatch" and "backup" not in job["result"], job)
        e = rig.error("POST", "/jobs", 422, "unprocessable", {"type": "write", "slot": "b", "image": image})
        expect("EF4014" in e["message"] or "1048576" in e["message"], e)
        rig.error("POST", "/batches", 422, "unprocessable", {"type": "write", "slots": ["a", "b"], "image": image})
        expect(rig.api("GET", "/batches")["batches"] == [])


def test_known_key_is_answered_when_its_image_is_gone():
    with Rig(SLOTS) as rig:
        image = upload(rig, images.noise(5000, 4))
        key = {"Idempotency-Key": "k"}
        job = rig.wait(rig.submit("verify", "b", key, image=image))
        rig.api("DELETE", f"/images/{image}", status=204)
        expect(rig.api("POST", "/jobs", {"type": "verify", "slot": "b", "image": image}, key, 202)["id"] == job["id"])
        rig.error("POST", "/jobs", 422, "unprocessable", {"type": "verify", "slot": "b", "image": image})
