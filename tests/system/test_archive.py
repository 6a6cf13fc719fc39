"""The archive: checked, damaged, healed, copied while it is in use."""

import os
import random
import shutil
import subprocess
import time

import images
from rigd import Rig, expect, slot

MIB = 1 << 20


def tool(rig, *args):
    return subprocess.run([Rig.program, "--config", rig.config, "--data", rig.data, *args], capture_output=True, text=True, timeout=300, check=False)


def rig_of(contents, chip="EF4014", archive=""):
    """A rig with a slot for each content."""
    rig = Rig(archive=archive)
    rig.configure("".join(slot(s, target="nor", chip=chip, image=rig.image(s, c)) for s, c in contents.items()))
    return rig


def check(rig):
    reply = rig.ask("POST", "/api/v1/archive/check")
    expect(reply.status == 202 and reply.headers["location"] == f"/api/v1/jobs/{reply.json['id']}", reply.body)
    expect(reply.json["type"] == "check" and reply.json["slot"] is None, reply.json)
    job = rig.wait(reply.json["id"], 120)
    expect(job["state"] == "done" and job["error"] is None, job)
    return job


def damage(rig, content, at):
    """Flips a byte of a stored block, which holds content from at on, with the daemon stopped."""
    path = os.path.join(rig.data, "archive.db")
    with open(path, "r+b") as f:
        data = f.read()
        # A block is cut into pages: some of these places are not at a cut.
        found = max(data.find(content[at + n * 100:at + n * 100 + 32]) for n in range(8))
        expect(found > 0, "a block that is not packed must be in the file")
        f.seek(found)
        f.write(bytes([data[found] ^ 0x10]))


def test_check_of_a_sound_archive_says_so():
    contents = {"a": images.noise(MIB, 1), "b": images.noise(MIB, 2)}
    with rig_of(contents) as rig:
        expect(rig.api("GET", "/archive")["last_check"] is None)
        for s in contents:
            rig.backup(s)
        job = check(rig)
        expect(job["result"] == {"checked": 2, "damages": 0, "damaged": []}, job["result"])
        last = rig.api("GET", "/archive")["last_check"]
        expect(last["checked"] == 2 and last["damaged"] == 0 and last["time"].endswith("Z"), last)
        log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/log").body.decode()
        expect("contents: done" in log and "file: done" in log and "2 dumps checked" in log, log)
        expect([j["id"] for j in rig.api("GET", "/jobs?type=check")["jobs"]] == [job["id"]])
        expect([s["name"] for s in rig.api("GET", "/slots")["slots"]] == ["a", "b"], "the archive is no slot")
        rig.error("POST", "/jobs", 400, "bad-request", {"type": "check"})
        rig.error("POST", "/jobs", 400, "bad-request", {"type": "check", "slot": "a"})
        rig.error("POST", "/jobs", 400, "bad-request", {"type": "identify", "slot": ""})
        rig.error("POST", "/archive/check", 400, "bad-request", {"fast": True})
        r = tool(rig, "check")
        expect(r.returncode == 0 and "2 dumps checked, 0 damaged" in r.stdout, r)


def test_damage_is_named_the_rest_reads_and_a_new_backup_heals_it():
    contents = {"a": images.noise(MIB, 3), "b": images.noise(MIB, 4)}
    with rig_of(contents) as rig:
        dumps = {s: rig.backup(s)["result"]["dump"] for s in contents}
        rig.stop()
        damage(rig, contents["a"], 0x21800)
        rig.start()
        result = check(rig)["result"]
        expect(result["checked"] == 2 and result["damages"] == 1 and len(result["damaged"]) == 1, result)
        found = result["damaged"][0]
        expect(found["dump"] == dumps["a"] and found["offset"] == 0x21000 and found["length"] == 4096 and found["reason"], found)
        expect(rig.api("GET", "/archive")["last_check"]["damaged"] == 1)
        r = tool(rig, "check")
        expect(r.returncode == 1 and f"dump {dumps['a']}, 4096 bytes at 0x21000" in r.stdout, r)
        expect(rig.content(dumps["b"]).body == contents["b"], "the other one still reads")
        again = rig.backup("a")["result"]["dump"]
        for dump in (again, dumps["a"]):
            expect(rig.content(dump).body == contents["a"], "dump", dump, "is not whole again")
        expect(check(rig)["result"] == {"checked": 3, "damages": 0, "damaged": []})
        expect(tool(rig, "check").returncode == 0)


def test_a_second_check_is_the_first_one_and_jobs_go_on():
    contents = {f"s{n}": images.noise(4 * MIB, n) for n in range(4)}
    with rig_of(contents, "EF4016") as rig:
        for s in contents:
            rig.backup(s)
        first = rig.api("POST", "/archive/check", status=202)
        second = rig.api("POST", "/archive/check", status=202)
        expect(first["id"] == second["id"], first, second)
        expect(rig.backup("s0")["state"] == "done", "backups run beside a check")
        expect(rig.wait(first["id"])["state"] == "done")
        third = check(rig)
        expect(third["id"] > first["id"] and third["result"]["checked"] == 5, third)


def test_cancelled_check_goes_on_where_it_was():
    contents = {f"s{n}": images.noise(4 * MIB, 10 + n) for n in range(6)}
    with rig_of(contents, "EF4016") as rig:
        for s in contents:
            rig.backup(s)
        rig.stop()
        damage(rig, contents["s0"], 0x5000)
        rig.start()
        cancelled = 0
        for _ in range(40):
            job = rig.api("POST", "/archive/check", status=202)["id"]
            while not cancelled:
                now = rig.api("GET", f"/jobs/{job}")
                if now["state"] not in ("queued", "running") or (now["progress"] or {"done": 0})["done"] > 4 * MIB:
                    break
            reply = rig.ask("POST", f"/api/v1/jobs/{job}/cancel")
            state = rig.wait(job)["state"]
            expect(reply.status in (202, 409) and state in ("cancelled", "done"), reply.body, state)
            cancelled += state == "cancelled"
            if cancelled:
                break
        expect(cancelled, "no cancel hit a running check: the test proves nothing")
        job = check(rig)
        log = rig.ask("GET", f"/api/v1/jobs/{job['id']}/log").body.decode()
        expect("where it was stopped" in log, log)
        expect(job["result"]["checked"] == 6 and job["result"]["damages"] == 1, job["result"])
        expect(job["result"]["damaged"][0]["offset"] == 0x5000, job["result"], "found before the break")


def test_killed_six_times_during_a_check_it_still_ends():
    contents = {f"s{n}": images.noise(4 * MIB, 20 + n) for n in range(3)}
    chance = random.Random(6)
    with rig_of(contents, "EF4016") as rig:
        for s in contents:
            rig.backup(s)
        for _ in range(6):
            job = rig.api("POST", "/archive/check", status=202)["id"]
            time.sleep(chance.uniform(0, 0.06) * rig.slow)
            rig.kill()
            rig.start()
            expect(rig.wait(job)["state"] in ("done", "interrupted"))
        expect(check(rig)["result"] == {"checked": 3, "damages": 0, "damaged": []})
        for dump in rig.api("GET", "/dumps")["dumps"]:
            expect(rig.content(dump["id"]).body == contents[dump["slot"]])


def named(rig):
    r = tool(rig, "check")
    expect(r.returncode == 1, r)
    return {int(line.split("dump ")[1].split(",")[0]) for line in r.stdout.splitlines() if line.startswith("damage: dump ")}


def test_200_flipped_bytes_are_found_and_the_other_dumps_read():
    contents = {f"s{n}": images.noise(256 << 10, 30 + n) for n in range(60)}
    started = 0
    with rig_of(contents, "EF4012") as rig:
        dumps = {rig.backup(s)["result"]["dump"]: c for s, c in contents.items()}
        rig.stop()
        path = os.path.join(rig.data, "archive.db")
        shutil.copy(path, path + ".good")
        size = os.path.getsize(path)
        for seed in range(4):
            shutil.copy(path + ".good", path)
            chance = random.Random(seed)
            with open(path, "r+b") as f:
                for _ in range(200 if seed else 40):
                    at = chance.randrange(131072, size)  # before it is the schema: without it all is gone at once
                    f.seek(at)
                    byte = f.read(1)[0]
                    f.seek(at)
                    f.write(bytes([byte ^ chance.randrange(1, 256)]))
            bad = named(rig)
            try:
                rig.start()
            except Exception:  # the jobs' own tables were hit: said, and nothing to compare
                rig.log.close()
                rig.process = None
                continue
            started += 1
            whole = 0
            for dump, content in dumps.items():
                try:
                    same = rig.content(dump).body == content
                except Exception:  # cut in the middle
                    same = False
                expect(same or dump in bad, "dump", dump, "is damaged and not named; seed", seed)
                whole += same
            expect(0 < whole < len(dumps) or seed, whole, "dumps are whole; seed", seed)
            rig.stop()
        expect(started > 1, "the daemon did not start with any of them")


def test_archive_is_copied_while_jobs_run():
    contents = {f"s{n}": images.noise(2 * MIB, 40 + n) for n in range(3)}
    with rig_of(contents, "1C7015") as rig:
        before = [rig.backup(s)["result"]["dump"] for s in contents]
        jobs = [rig.submit("backup", s) for s in contents]
        copy = os.path.join(rig.dir, "copy.db")
        r = tool(rig, "backup-archive", copy)
        expect(r.returncode == 0, r)
        for job in jobs:
            expect(rig.wait(job)["state"] == "done")
        expect(os.listdir(rig.dir).count("copy.db") == 1 and not os.path.exists(copy + "-wal"), os.listdir(rig.dir))
        r = tool(rig, "backup-archive", copy)
        expect(r.returncode == 1 and "there already" in r.stderr, r)
        rig.stop()
        rig.data = os.path.join(rig.dir, "restored")
        os.mkdir(rig.data)
        shutil.copy(copy, os.path.join(rig.data, "archive.db"))
        expect(tool(rig, "check").returncode == 0)
        rig.start()
        listed = {d["id"]: d["slot"] for d in rig.api("GET", "/dumps")["dumps"]}
        expect(set(before) <= set(listed), listed)
        for dump, s in listed.items():
            expect(rig.content(dump).body == contents[s])
        expect(check(rig)["result"]["damages"] == 0)


def test_tools_say_what_is_wrong():
    with Rig(slot("a", target="nor", chip="EF4014")) as rig:
        rig.stop()
        for args in (["check", "now"], ["backup-archive"], ["dance"]):
            r = tool(rig, *args)
            expect(r.returncode == 2 and r.stderr, args, r)
        r = tool(rig, "backup-archive", "/nonexistent/folder/copy")
        expect(r.returncode == 1 and "No such file" in r.stderr, r)
        rig.data = os.path.join(rig.dir, "nowhere")
        r = tool(rig, "check")
        expect(r.returncode == 1 and "nowhere" in r.stderr and not os.path.exists(rig.data), r)


def test_two_dumps_are_compared():
    old = images.noise(MIB, 50)
    new = bytearray(old)
    for at in (0x5000, 0x5fff, 0x6000, 0x80123):
        new[at] ^= 0xff
    with rig_of({"old": old, "new": bytes(new)}) as rig:
        a, b = (rig.backup(s)["result"]["dump"] for s in ("old", "new"))
        part = rig.backup("old", offset=0, length=0x5000)["result"]["dump"]
        diff = rig.api("GET", f"/dumps/{a}/diff/{b}")
        expect(diff == {"equal": False, "sector_size": 4096, "differing_sectors": 3, "differing_bytes": 4, "truncated": False, "partitions": [],
                        "ranges": [{"offset": 0x5000, "length": 0x2000}, {"offset": 0x80000, "length": 0x1000}]}, diff)
        expect(rig.api("GET", f"/dumps/{b}/diff/{a}") == diff)
        same = rig.api("GET", f"/dumps/{a}/diff/{a}")
        expect(same["equal"] is True and same["ranges"] == [], same)
        short = rig.api("GET", f"/dumps/{a}/diff/{part}")
        expect(short["differing_bytes"] == MIB - 0x5000 and short["ranges"] == [{"offset": 0x5000, "length": MIB - 0x5000}], short)
        rig.error("GET", f"/dumps/{a}/diff/99", 404, "not-found")
        rig.error("GET", f"/dumps/99/diff/{a}", 404, "not-found")


def test_dumps_are_found_by_what_is_known_of_them():
    with rig_of({"a": images.noise(MIB, 51), "b": images.noise(MIB, 52)}) as rig:
        a, b = (rig.backup(s)["result"]["dump"] for s in "ab")
        part = rig.backup("a", offset=0x1000, length=0x3000)["result"]["dump"]
        rig.api("PATCH", f"/dumps/{b}", {"tags": ["factory", "door"]})
        known = rig.api("GET", f"/dumps/{a}")

        def found(query):
            return [d["id"] for d in rig.api("GET", f"/dumps?{query}")["dumps"]]

        expect(found("slot=a") == [part, a] and found("slot=nobody") == [])
        expect(found("tag=door") == [b] and found("tag=doo") == [])
        expect(found("verified=1") == [part, b, a] and found("verified=0") == [])
        expect(found(f"min_size={MIB}") == [b, a] and found("max_size=0x3000") == [part])
        expect(found(f"crc32={known['crc32'][:5]}") == [a] and found(f"crc32={known['crc32'].lower()}&slot=a") == [a])
        expect(found(f"size={MIB}") == [b, a])
        expect(found("since=2020-01-01") == [part, b, a] and found("until=2020-01-01T00:00:00Z") == [])
        expect(found(f"since={known['created_at']}&slot=a&min_size={MIB}") == [a], "the first moment is included")
        expect(found(f"until={known['created_at']}") == [], "the last one is not")
        for bad in ("verified=yes", "since=yesterday", "until=2026-13-01", "crc32=XYZ", "min_size=-1", "crc32=123456789", "size=5&min_size=2", "size=0", "sort=old", "sort=best", "q=a+b+c+d+e+f+g+h+i"):
            rig.error("GET", f"/dumps?{bad}", 400, "bad-request")


def test_known_bytes_are_looked_up_by_their_sums():
    with rig_of({"a": images.noise(MIB, 53)}) as rig:
        first, second = (rig.backup("a")["result"]["dump"] for _ in range(2))
        dump = rig.api("GET", f"/dumps/{first}")
        for body in ({"sha256": dump["sha256"]}, {"sha256": dump["sha256"].upper()}, {"crc32": dump["crc32"], "size": MIB}):
            answer = rig.api("POST", "/dumps/lookup", body)
            expect([d["id"] for d in answer["dumps"]] == [second, first] and answer["dumps"][1] == dump and answer["images"] == [], answer)
        for body in ({"sha256": "0" * 64}, {"crc32": dump["crc32"], "size": MIB + 1}):
            expect(rig.api("POST", "/dumps/lookup", body) == {"dumps": [], "images": []}, body)
        for body in ({}, {"sha256": "12"}, {"crc32": dump["crc32"]}, {"size": 5}, {"sha256": dump["sha256"], "size": MIB}, {"sha1": "00"}, []):
            rig.error("POST", "/dumps/lookup", 400, "bad-request", body)


def wait_for_checks(rig, n, seconds=30):
    end = time.monotonic() + seconds * rig.slow
    while time.monotonic() < end:
        jobs = [j for j in rig.api("GET", "/jobs?type=check")["jobs"] if j["state"] == "done"]
        if len(jobs) >= n:
            return jobs
        time.sleep(0.05)
    expect(False, "no check by itself")


def test_archive_is_checked_by_itself():
    contents = {"a": images.noise(MIB, 7)}
    with rig_of(contents, archive="check_every = 2s") as rig:
        rig.backup("a")
        jobs = wait_for_checks(rig, 2)
        expect(jobs[-1]["result"]["damages"] == 0, jobs)
        archive = rig.api("GET", "/archive")
        expect(archive["damaged"] == 0 and archive["next_check"] > archive["last_check"]["time"], archive)
    with rig_of(contents, archive="check_every = 0") as rig:
        expect(rig.api("GET", "/archive")["next_check"] is None)
    with rig_of(contents) as rig:
        expect(rig.api("GET", "/archive")["next_check"][:4] >= "2024", "a week from the first start")
