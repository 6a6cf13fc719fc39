"""Many clients while boards are worked on: what they wait, and what they cost the boards. Release builds only."""

import datetime
import json
import os
import subprocess

from rigd import Rig, expect, slot
from test_speed import row

SLOTS = [f"s{n}" for n in range(4)]
SECONDS = 4
TRIES = 3  # other programs on the machine may spoil one


def program():
    return os.path.join(os.path.dirname(Rig.program), "..", "tests", "load", "flashrig_load")


def bench():
    """Four boards in real time, read at full speed for about two seconds and a half each."""
    return Rig("".join(slot(name, target="nor", chip="EF4014", speed=1, unique_id=f"000000000000000{n}") for n, name in enumerate(SLOTS)),
               "max_connections_per_address = 512")


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def work(rig, **part):
    """A backup in each slot at once: the seconds of the slowest."""
    jobs = [rig.wait(job) for job in [rig.submit("backup", name, **part) for name in SLOTS]]
    expect(all(j["state"] == "done" and j["result"]["verified"] for j in jobs), jobs)
    return max(moment(j["finished_at"]) - moment(j["started_at"]) for j in jobs)


def with_crowd(rig, clients, followers, deaf):
    """The same with a crowd around it: what it saw, and the seconds."""
    crowd = subprocess.Popen([program(), str(rig.port), str(SECONDS), str(clients), str(followers), str(deaf)], stdout=subprocess.PIPE, text=True)
    seconds = work(rig)
    out, _ = crowd.communicate(timeout=60)
    expect(crowd.returncode == 0, "the crowd ended with", crowd.returncode)
    return json.loads(out), seconds


def test_200_clients_and_20_followers_wait_little_and_slow_no_job():
    row("200 clients, 20 followers, 4 jobs", "measured", "bound")
    for attempt in range(TRIES):
        with bench() as rig:
            work(rig, length=65536)  # devices are known, files are made
            alone = work(rig)
            seen, crowded = with_crowd(rig, 200, 20, 0)
        expect(seen["refused"] == 0 and seen["broken"] == 0, seen)
        expect(seen["replies"] > 200 * 5 and seen["events"] > 20 * 20, "that is no crowd:", seen)
        if seen["p99_ms"] < 50 and crowded <= 1.1 * alone:
            break
    row("replies a second", f"{seen['replies'] / SECONDS:.0f}", "")
    row("GET, median ms", f"{seen['p50_ms']:.2f}", "")
    row("GET, 99 %, ms", f"{seen['p99_ms']:.2f}", "50")
    row("job beside it, to alone", f"{crowded / alone:.3f}", "1.1")
    expect(seen["p99_ms"] < 50, "99 % of GETs take up to", seen["p99_ms"], "ms")
    expect(crowded <= 1.1 * alone, "jobs take", crowded, "s instead of", alone)


def test_200_followers_and_one_that_never_reads_slow_no_job():
    row("200 followers, 1 deaf, 4 jobs", "measured", "bound")
    for attempt in range(TRIES):
        with bench() as rig:
            work(rig, length=65536)  # devices are known, files are made
            alone = work(rig)
            seen, crowded = with_crowd(rig, 0, 200, 1)
            rig.api("GET", "/info")
        expect(seen["broken"] == 0 and seen["events"] > 200 * 20, seen)
        if crowded <= 1.1 * alone:
            break
    row("events a follower", f"{seen['events'] / 200:.0f}", "")
    row("job beside it, to alone", f"{crowded / alone:.3f}", "1.1")
    expect(crowded <= 1.1 * alone, "jobs take", crowded, "s instead of", alone)
