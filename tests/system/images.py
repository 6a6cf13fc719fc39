"""Contents for simulated chips: real images where they are at hand, generated ones always."""

import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))
REAL = os.path.join(HERE, "..", "..", "..", "shared", "images")


def noise(size, seed):
    return random.Random(seed).randbytes(size)


def doorbell(app=None, seed=1):
    """A 4 MiB BK7252 flash as the doorbell has it: loader at 0, app1 at 0x11000, app2 at 0x1BA000, the rest erased."""
    flash = bytearray(b"\xff" * 0x400000)
    app = app or noise(0x132000, seed)
    flash[0:0x11000] = app[0:0x11000]
    code = app[0x11000:0x11000 + 0x1A9000]
    flash[0x11000:0x11000 + len(code)] = code
    flash[0x1BA000:0x1BA000 + len(code)] = code
    flash[0x363000:0x373000] = noise(0x10000, seed + 1)
    return bytes(flash)


def real(name):
    """The bytes of a real image, or None where it is not here."""
    path = os.path.join(REAL, name)
    if not os.path.exists(path):
        return None
    with open(path, "rb") as f:
        return f.read()
