"""Devices: merged, labelled, searched; dumps moved from one to another."""

import images
from rigd import Rig, expect, slot

MIB = 1 << 20


def rig_of(contents):
    rig = Rig()
    rig.configure("".join(slot(s, target="nor", chip="EF4014", image=rig.image(s, c), unique_id=f"{n:016X}")
                          for n, (s, c) in enumerate(contents.items(), 1)))
    return rig


def test_two_devices_become_one_and_its_board_is_known_again():
    with rig_of({"a": images.noise(MIB, 1), "b": images.noise(MIB, 2)}) as rig:
        a, b = (rig.backup(s)["result"] for s in "ab")
        one, two = a["device"], b["device"]
        rig.api("PATCH", f"/devices/{one}", {"label": "front door", "tags": ["bell"]})
        rig.api("PATCH", f"/devices/{two}", {"label": "old chip", "notes": "burnt", "tags": ["bell", "spare"]})
        rig.error("POST", f"/devices/{one}/merge", 422, "unprocessable", {"other": one})
        rig.error("POST", f"/devices/{one}/merge", 422, "unprocessable", {"other": 99})
        rig.error("POST", "/devices/99/merge", 404, "not-found", {"other": one})
        rig.error("POST", f"/devices/{one}/merge", 400, "bad-request", {})
        merged = rig.api("POST", f"/devices/{one}/merge", {"other": two})
        expect(merged["label"] == "front door" and merged["notes"] == "old chip\nburnt" and merged["tags"] == ["bell", "spare"], merged)
        expect(merged["dumps"] == 2 and merged["partial"] is None, merged)
        expect([d["id"] for d in rig.api("GET", f"/dumps?device={one}")["dumps"]] == [b["dump"], a["dump"]], "its time line")
        rig.error("GET", f"/devices/{two}", 404, "not-found")
        expect(rig.api("GET", "/slots/b")["device"] == one)
        expect(rig.backup("b")["result"]["device"] == one, "the other board is this device from now on")
        expect(len(rig.api("GET", "/devices")["devices"]) == 1)
        for q in ("FRONT", "spare", f"{2:016X}"):
            expect([d["id"] for d in rig.api("GET", f"/devices?q={q}")["devices"]] == [one], q)
        expect(rig.api("GET", "/devices?q=nothing%25")["devices"] == [])


def test_dump_is_moved_to_another_device():
    with rig_of({"a": images.noise(MIB, 3), "b": images.noise(MIB, 4)}) as rig:
        a, b = (rig.backup(s)["result"] for s in "ab")
        moved = rig.api("PATCH", f"/dumps/{a['dump']}", {"device": b["device"], "label": "was in a"})
        expect(moved["device"] == b["device"] and moved["label"] == "was in a", moved)
        device = rig.api("GET", f"/devices/{b['device']}")
        expect(device["dumps"] == 2 and device["first_seen"] <= moved["created_at"], device)
        rig.error("PATCH", f"/dumps/{a['dump']}", 422, "unprocessable", {"device": 99})
        rig.error("PATCH", f"/dumps/{a['dump']}", 400, "bad-request", {"device": "left"})
        expect(rig.api("PATCH", f"/dumps/{a['dump']}", {"device": None})["device"] is None)
        expect(rig.api("GET", f"/devices/{b['device']}")["dumps"] == 1)
