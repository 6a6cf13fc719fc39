"""Flash content as BK72xx devices have it, made from nothing: scrambled code on the CRC grid, a table, an RF partition."""

import struct
import zlib

LDR = 0xE59FF014


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def stream(addr):
    """The key that nearly all devices have, at a logical address."""
    x = (addr >> 8 | addr << 24) & 0xFFFFFFFF
    return (x << 17 | x >> 15) & 0xFFFFFFFF ^ (0xE519A4F1 & 0x11111111 * (x >> 2 & 15)) ^ 0x7CB50721


def put_code(flash, logical, code, scrambled=True, start=0):
    """Code at a logical address; start: where in the flash the content begins."""
    code += b"\xff" * (-len(code) % 32)
    for at in range(0, len(code), 32):
        words = struct.unpack("<8I", code[at:at + 32])
        if scrambled:
            words = [w ^ stream(logical + at + 4 * i) for i, w in enumerate(words)]
        block = struct.pack("<8I", *words)
        where = (logical + at) // 32 * 34 - start
        flash[where:where + 34] = block + struct.pack(">H", crc16(block))


def vectors(branch=0xEA00000E):
    return struct.pack("<8I", branch, *[LDR] * 7)


def entry(name, device, offset, length):
    return b"01PE" + name.ljust(24, b"\0") + device.ljust(24, b"\0") + struct.pack("<III", offset, length, 0)


def rf(mac):
    record = struct.pack("<II", 0x11111102, 6) + mac
    group = struct.pack("<II", 0x11111100, len(record)) + record
    return b"TLV\0" + struct.pack("<I", len(group)) + group


def openbeken_config(**texts):
    """A configuration sector: fields by name."""
    places = {"ssid": 0x14, "password": 0x54, "mqtt_password": 0x214, "name": 0x2DE, "web_password": 0xC84}
    s = bytearray(b"CFG\0" + struct.pack("<I", 5) + bytes(3576))
    for name, text in texts.items():
        s[places[name]:places[name] + len(text)] = text.encode()
    crc = 0
    for byte in s[4:3584]:
        for _ in range(8):
            crc, byte = crc >> 1 ^ (0x8C if (crc ^ byte) & 1 else 0), byte >> 1
    s[3] = crc
    return bytes(s)


def plug(mac="020000000001", chip=b"N", version=b"1.18.300", scrambled=True, config=None, size=2 << 20):
    """A whole flash of a plug with OpenBeken on a BK7231N (or T: the same places, for simplicity)."""
    flash = bytearray(b"\xff" * size)
    tag = {b"N": b"BK7231N_1.0.1", b"T": b"BK7231S_1.0.5"}[chip]
    loader = bytearray(vectors(0xEA000B48).ljust(0x1000, b"\x5a"))
    loader[0x90:0x94 + len(tag) + 1] = b"\xee\xbb\xcc" + bytes([len(tag)]) + tag + b"\0"
    put_code(flash, 0, bytes(loader), scrambled)
    download = {b"N": 0x12A000, b"T": 0x132000}[chip]
    table = entry(b"bootloader", b"beken_onchip_crc", 0, 0x10000) + entry(b"app", b"beken_onchip_crc", 0x10000, 0x108700) + \
        entry(b"download", b"beken_onchip", download, 0xA6000)
    put_code(flash, 0xE900, table, scrambled=False)
    text = b"\0OpenBK7231" + chip + b"_" + version + b"\0Built on Aug  2 2026 19:38:07 version " + version + b"\0"
    put_code(flash, 0x10000, vectors() + b"\x3c" * 0x2000 + text + b"\x3c" * 0x1000, scrambled)
    place = {b"N": 0x1D0000, b"T": 0x1E0000}[chip]
    sector = rf(bytes.fromhex(mac))
    flash[place:place + len(sector)] = sector
    if config:
        flash[place + 0x1000:place + 0x1000 + len(config)] = config
    return bytes(flash)


def container(firmware, name=b"app", version=b"1.2.3"):
    """An RBL container, neither packed nor encrypted."""
    pad = 16 - len(firmware) % 16
    body = firmware + bytes([pad]) * pad
    fnv = 0x811C9DC5
    for byte in firmware:
        fnv = (fnv ^ byte) * 0x01000193 & 0xFFFFFFFF
    head = b"RBL\0" + struct.pack("<II", 0, 1700000000) + name.ljust(16, b"\0") + version.ljust(24, b"\0") + bytes(24) + \
        struct.pack("<IIII", zlib.crc32(body), fnv, len(firmware), len(body))
    return head + struct.pack("<I", zlib.crc32(head)) + body
