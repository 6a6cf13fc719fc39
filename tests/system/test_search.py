"""Finding dumps: by words, and by what is inside of them."""

import urllib.parse

import images
from rigd import Rig, expect, slot

MIB = 1 << 20
SECTOR = 4096


def rig_of(contents):
    rig = Rig()
    rig.configure("".join(slot(s, target="nor", chip="EF4014", image=rig.image(s, c), unique_id=f"{n:016X}")
                          for n, (s, c) in enumerate(contents.items(), 1)))
    return rig


def found(rig, **query):
    return [d["id"] for d in rig.api("GET", "/dumps?" + urllib.parse.urlencode(query))["dumps"]]


def test_words_are_found_in_all_that_people_write():
    with rig_of({"left": images.noise(MIB, 60), "right": images.noise(MIB, 61)}) as rig:
        a, b = (rig.backup(s, label=s + " hand")["result"] for s in ("left", "right"))
        rig.api("PATCH", f"/dumps/{a['dump']}", {"notes": "door of the left house", "tags": ["factory"]})
        rig.api("PATCH", f"/devices/{b['device']}", {"label": "Gartenlaube"})
        a, b = a["dump"], b["dump"]
        expect(found(rig, q="HAND") == [b, a] and found(rig, q="hand door") == [a])
        expect(found(rig, q="factory") == [a] and found(rig, q="laube") == [b] and found(rig, q="gh") == [b])
        expect(found(rig, q="left", sort="best") == [a] and found(rig, label="IGHT") == [b] and found(rig, chip="W25") == [b, a])
        for odd in ('"', "AND", "(", "w_label:x", "*", "a NEAR b", "\\", "'", '"""', "-x"):
            found(rig, q=odd)
        rig.api("DELETE", f"/dumps/{a}?force=1", status=204)
        expect(found(rig, q="door") == [])


def test_bytes_are_found_with_their_addresses():
    word, across = b"Wi-Fi password: ", bytes.fromhex("DEADBEEF00C0FFEE")
    a = bytearray(images.noise(MIB, 62))
    for at in (5, 3 * SECTOR - 4, MIB - len(word)):
        a[at:at + len(word)] = word
    b = bytearray(a)
    b[7 * SECTOR - 3:7 * SECTOR + 5] = across
    for n in range(40):
        b[0x80000 + n * 100:0x80000 + n * 100 + 3] = b"\x11\x22\x33"
    with rig_of({"a": bytes(a), "b": bytes(b), "c": images.noise(MIB, 63)}) as rig:
        a, b, c = (rig.backup(s)["result"]["dump"] for s in "abc")
        reply = rig.api("GET", "/dumps?contains=" + urllib.parse.quote(word))
        expect([(d["id"], d["found"], d["found_more"]) for d in reply["dumps"]]
               == [(n, [5, 3 * SECTOR - 4, MIB - len(word)], False) for n in (b, a)] and reply["next"] is None, reply)
        expect(found(rig, contains="0xdeadbeef00c0ffee") == [b] and found(rig, contains="0xdeadbeef00c0ffee", slot="a") == [])
        many = rig.api("GET", f"/dumps?contains=0x112233&before={c}")["dumps"]
        expect(len(many[0]["found"]) == 16 and many[0]["found_more"] is True, many)
        expect(found(rig, contains="nowhere at all") == [])
        page = rig.api("GET", "/dumps?limit=1&contains=" + urllib.parse.quote(word))
        expect([d["id"] for d in page["dumps"]] == [b] and page["next"] == b, page)
        places = rig.api("GET", f"/dumps/{b}/find?contains=0x112233")
        expect(set(range(0x80000, 0x80000 + 4000, 100)) <= set(places["found"]) and places["next"] is None, places)
        expect(rig.api("GET", f"/dumps/{b}/find?contains=0x112233&after=0x80000")["found"][0] == 0x80000 + 100)
        for bad in ("contains=ab", "contains=0x0102", "contains=0x01020", "contains=0x01020g", "contains=" + "x" * 257, "contains=abc&sort=best&q=x"):
            rig.error("GET", f"/dumps?{bad}", 400, "bad-request")
        rig.error("GET", f"/dumps/{b}/find", 400, "bad-request")
        rig.error("GET", "/dumps/99/find?contains=abc", 404, "not-found")


def test_search_of_much_is_done_in_bounded_steps():
    """24 MiB of noise and one dump that has it, far back."""
    needle = bytes(range(200, 232))
    old = images.noise(MIB, 64)[:-32] + needle
    with rig_of({"old": old, **{f"s{n}": images.noise(MIB, 70 + n) for n in range(23)}}) as rig:
        want = rig.backup("old")["result"]["dump"]
        for n in range(23):
            rig.backup(f"s{n}")
        pages, before, got = 0, "", []
        while True:
            page = rig.api("GET", f"/dumps?contains=0x{needle.hex()}{before}")
            pages, got = pages + 1, got + page["dumps"]
            if page["next"] is None:
                break
            before = f"&before={page['next']}"
        expect(pages > 1, "all of it was done in one request")
        expect([d["id"] for d in got] == [want] and got[0]["found"] == [MIB - 32], got)
