"""What must be measured, with the bounds beside it. Release builds only."""

import time

import images
from rigd import Rig, expect, slot


def row(*cells):
    print("table: " + "  ".join(f"{c:<34}" if i == 0 else f"{c:>14}" for i, c in enumerate(cells)))


def test_4_mib_backup_is_fast_exact_and_small():
    content = images.noise(4 << 20, 5)
    rig = Rig()
    rig.configure(slot("door", target="bk7252", chip="XT25F32B", entry_success=1, spi_hz=8000000,
                       image=rig.image("i", content)))
    with rig:
        start = time.monotonic()
        job = rig.backup("door")
        wall = time.monotonic() - start
        wire = job["result"]["wire"]
        expected = wire["bytes"] * 8 / 8e6 * 1000 + wire["transactions"] * 0.02
        row("4 MiB backup", "measured", "bound")
        row("wall, s", f"{wall:.2f}", "3")
        row("wire, simulated ms", wire["ms"], f"{expected:.1f}")
        row("wire bytes per byte of flash", f"{wire['bytes'] / (8 << 20):.4f}", "1.01")
        row("resident memory, MiB", f"{rig.memory_kib() / 1024:.1f}", "24")
        expect(wall < 3, "took", wall)
        expect(abs(wire["ms"] - expected) <= 0.01 * expected, wire, expected)
        expect(8 << 20 <= wire["bytes"] <= 1.01 * (8 << 20), wire)
        expect(rig.memory_kib() < 24 * 1024, rig.memory_kib(), "KiB resident")


def test_large_chips_fit_in_64_mib():
    rig = Rig()
    # 16 MiB and 32 MiB, full of noise
    contents = {"EF4018": images.noise(16 << 20, 6), "EF4019": images.noise(32 << 20, 7)}
    row("resident memory", "measured MiB", "bound MiB")
    for chip, content in contents.items():
        rig = Rig()
        rig.configure(slot("big", target="nor", chip=chip, image=rig.image("i", content), spi_hz=20000000))
        with rig:
            dump = rig.backup("big")["result"]["dump"]
            row(f"{chip}, {len(content) >> 20} MiB", f"{rig.memory_kib() / 1024:.1f}", "64")
            expect(rig.memory_kib() < 64 * 1024, rig.memory_kib(), "KiB resident")
            expect(rig.content(dump).body == content)
            expect(rig.memory_kib() < 64 * 1024, rig.memory_kib(), "KiB resident after the download")


def test_entry_at_a_chance_of_1_in_400_gets_in():
    seeds = range(6)
    with Rig("".join(slot(f"s{n}", target="bk7252", chip="XT25F32B", entry_success=0.0025, faults=f"seed={n}")
                     for n in seeds)) as rig:
        attempts = ms = 0
        for n in seeds:
            job = rig.run("identify", f"s{n}")
            expect(job["state"] == "done", job["error"])
            attempts += job["result"]["entry"]["attempts"]
            ms += job["result"]["entry"]["ms"]
        row("entry, chance 0.0025", "measured", "bound")
        row("attempts per entry", f"{attempts / len(seeds):.0f}", "")
        row("simulated ms per attempt", f"{ms / attempts:.1f}", "60")
        expect(ms / attempts <= 60, ms, attempts)


def write_batch(n, bus):
    """
    Seconds of a batch that writes n whole chips, noise over noise; and MiB of memory. The clock is fast, so that the chips' own
    times are what counts: of the wire's four boards on a bus need four times as much, whoever hands it out.
    """
    mib = 1 << 20
    rig = Rig()
    rig.configure("".join(slot(f"s{i}", target="nor", chip="EF4014", speed=1, spi_hz=80000000, image=rig.image(f"s{i}", images.noise(mib, i)),
                               unique_id=f"000000000000000{i}", **bus) for i in range(n)))
    with rig:
        image = rig.ask("POST", "/api/v1/images?name=x", images.noise(mib, 99), {"Content-Type": "application/octet-stream"}, raw=True).json["id"]
        start = time.monotonic()
        batch = rig.api("POST", "/batches", {"type": "write", "slots": [f"s{i}" for i in range(n)], "image": image}, status=202)
        for job in batch["jobs"]:
            rig.wait(job)
        wall = time.monotonic() - start
        expect(rig.api("GET", f"/batches/{batch['id']}")["done"] == n)
        return wall, rig.memory_kib() / 1024


def test_eight_slots_write_at_once_and_four_share_a_bus():
    for _ in range(3):  # a machine that does other things meanwhile makes it only worse
        one, _ = write_batch(1, {})
        eight, memory = write_batch(8, {})
        shared, _ = write_batch(4, {"bus": "a"})
        if eight <= 1.3 * one and shared * 3 <= 4 * one:
            break
    row("write of 1 MiB in real time, 80 MHz", "measured", "bound")
    row("one slot, s", f"{one:.2f}", "")
    row("eight slots, times one", f"{eight / one:.2f}", "1.30")
    row("four on one bus, times quicker", f"{4 * one / shared:.2f}", "3.00")
    row("resident memory of the eight, MiB", f"{memory:.1f}", "32")
    expect(eight <= 1.3 * one, eight, "s against", one)
    expect(shared * 3 <= 4 * one, shared, "s against four times", one)
    expect(memory < 32, memory, "MiB resident")
