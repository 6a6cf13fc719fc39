"""Takes the ELF kernel out of a bzImage: QEMU boots it by PVH, twice as fast. usage: vmlinux.py BZIMAGE OUT"""

import lzma
import struct
import subprocess
import sys
import zlib

SETUP_SECTS, PAYLOAD_OFFSET, PAYLOAD_LENGTH = 0x1F1, 0x248, 0x24C  # Documentation/arch/x86/boot.rst


def payload(image):
    sects = image[SETUP_SECTS] or 4
    offset, length = (struct.unpack_from("<I", image, at)[0] for at in (PAYLOAD_OFFSET, PAYLOAD_LENGTH))
    start = (sects + 1) * 512 + offset
    return image[start:start + length]


def unpack(data):
    if data[:6] == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)
    if data[:2] == b"\x1f\x8b":
        return zlib.decompressobj(31).decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":  # its last four bytes are a length, not of the frame
        return subprocess.run(["zstd", "-dcq"], input=data[:-4], stdout=subprocess.PIPE, check=True).stdout
    raise SystemExit("vmlinux.py: this kernel is packed in a way that is not known here")


def main():
    with open(sys.argv[1], "rb") as f:
        elf = unpack(payload(f.read()))
    if elf[:4] != b"\x7fELF":
        raise SystemExit("vmlinux.py: what was packed is no ELF file")
    with open(sys.argv[2], "wb") as f:
        f.write(elf)


main()
