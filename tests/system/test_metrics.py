"""Metrics for Prometheus, and the dashboard that shows them."""

import json
import os
import re
import shutil
import subprocess
import time

from rigd import Events, Failed, Rig, expect, slot
from test_auth import BARE, LOCKED, bearer, make

DASHBOARD = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "grafana.json")
NAMES = re.compile(r"\b(?:flashrig|process)_[a-z_]+\b")


def metrics(rig, headers=None):
    """Every sample: its name and labels -> its value."""
    reply = rig.ask("GET", "/metrics", headers=headers)
    expect(reply.status == 200 and reply.headers["content-type"].startswith("text/plain; version=0.0.4"), reply.status, reply.headers)
    samples = [line.rsplit(" ", 1) for line in reply.body.decode().splitlines() if line[0] != "#"]
    expect(len({name for name, _ in samples}) == len(samples), "a sample is there twice")
    return {name: float(value) for name, value in samples}


def settled(rig, jobs):
    """Metrics once all jobs are counted: that comes right after their end can be seen."""
    end = time.monotonic() + 20 * rig.slow
    while time.monotonic() < end:
        m = metrics(rig)
        if sum(v for k, v in m.items() if k.startswith("flashrig_jobs_total")) >= jobs:
            return m
        time.sleep(0.02)
    raise Failed("jobs are not counted")


def busy_rig():
    return Rig(slot("left", target="bk7252", chip="XT25F32B", entry_success="0.2", faults="seed=3 flip=2e-7")
               + slot("bad", target="bk7231n", chip="1C7015", faults="stuck=low"))


def test_metrics_count_what_happened():
    with busy_rig() as rig:
        job = rig.backup("left")
        rig.run("identify", "bad")
        rig.run("erase", "left", offset=0x132000, length=4096)
        rig.wait(rig.api("POST", "/archive/check", status=202)["id"])
        follower = Events(rig)
        follower.next()
        m = settled(rig, 4)
        expect(m['flashrig_jobs_total{type="backup",result="done"}'] == 1, m)
        expect(m['flashrig_jobs_total{type="identify",result="failed"}'] == 1, m)
        expect(m["flashrig_entry_attempts_total"] >= job["result"]["entry"]["attempts"] > 0, m)
        expect(m["flashrig_wire_bytes_total"] > 2 * 4 << 20, m)
        for phase in ("enter", "probe", "read", "verify", "archive", "write", "prove"):
            expect(m[f'flashrig_phases_total{{phase="{phase}",result="done"}}'] >= 1, phase, m)
            expect(m[f'flashrig_phase_seconds_total{{phase="{phase}"}}'] > 0, phase, m)
        expect(m['flashrig_phases_total{phase="enter",result="failed"}'] == 1, m)
        expect(m["flashrig_read_mismatches_total"] >= 1, "flips were not seen", m)
        expect(m['flashrig_slot_state{slot="left",state="idle"}'] == 1 and m['flashrig_slot_state{slot="left",state="busy"}'] == 0, m)
        expect(m['flashrig_queued_jobs{slot="left"}'] == 0 and m["flashrig_event_followers"] == 1, m)
        expect(m["flashrig_archive_dumps"] >= 1 and m["flashrig_archive_stored_bytes"] > 0 and m["flashrig_archive_up"] == 1, m)
        expect(m["flashrig_archive_check_damaged_ranges"] == 0 and m["flashrig_archive_check_timestamp_seconds"] > 1.7e9, m)
        expect(m['flashrig_http_requests_total{method="POST",code="202"}'] == 4, m)
        expect(m["flashrig_http_request_duration_seconds_count"] >= 8, m)
        expect(m["process_open_fds"] > 5 and m["process_resident_memory_bytes"] > 1 << 20, m)
        follower.close()


def test_jobs_are_counted_on_after_a_restart():
    with busy_rig() as rig:
        rig.backup("left")
        rig.run("identify", "bad")
        before = settled(rig, 2)
        rig.kill()
        rig.start()
        after = metrics(rig)
        for name in before:
            if name.startswith(("flashrig_jobs_total", "flashrig_entry_attempts", "flashrig_wire_bytes", "flashrig_erased", "flashrig_programmed")):
                expect(after[name] == before[name], name, before[name], after[name])
        expect("flashrig_phases_total" not in str(after), "phases are counted from the start")


def test_metrics_are_what_prometheus_wants():
    if not shutil.which("promtool"):
        return "no promtool (Debian: prometheus)"
    with busy_rig() as rig:
        rig.backup("left")
        rig.wait(rig.api("POST", "/archive/check", status=202)["id"])
        text = rig.ask("GET", "/metrics").body
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=60, check=False)
    expect(done.returncode == 0 and not done.stdout + done.stderr, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_dashboard_shows_what_there_is():
    with open(DASHBOARD, encoding="utf-8") as f:
        dashboard = json.load(f)
    exprs = [t["expr"] for p in dashboard["panels"] for t in p.get("targets", [])]
    wanted = set(NAMES.findall(" ".join(exprs)))
    with busy_rig() as rig:
        rig.backup("left")
        rig.wait(rig.api("POST", "/archive/check", status=202)["id"])
        metrics(rig)
        there = {name.split("{")[0] for name in metrics(rig)}
    expect(len(exprs) > 20 and len(wanted) > 20, exprs)
    expect(wanted <= there, "not there:", wanted - there)
    hidden = {n for n in there if n.startswith("flashrig_")} - wanted
    expect(hidden <= {"flashrig_http_request_duration_seconds_sum", "flashrig_http_request_duration_seconds_count"}, "shown nowhere:", hidden)
    ids = [p["id"] for p in dashboard["panels"]]
    expect(len(set(ids)) == len(ids), "panel ids")


def test_metrics_need_the_scope_to_read():
    with Rig(BARE, LOCKED) as rig:
        expect(rig.ask("GET", "/metrics").status == 401)
        metrics(rig, bearer(make(rig, "prometheus", "read")))
        expect(rig.ask("POST", "/metrics", b"", raw=True).status == 405)
