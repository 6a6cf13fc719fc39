"""
kill -9 at random moments of writes, erases, restores and backups: whatever the archive then says is so.

A number of kills that fits into the test run; FLASHRIG_KILLS says how many, FLASHRIG_SEED which.
"""

import os
import random
import sqlite3
import time

import images
from rigd import Rig, expect, slot

KIB = 1 << 10
SIZE = 256 * KIB
SECTOR = 4096


class Board:
    """What a slot's chip holds, and what the archive must say about it."""

    def __init__(self, name, unique_id, path, content):
        self.name, self.unique_id, self.path = name, unique_id, path
        self.original = content
        self.whole = content      # what is there, while no write is half-done
        self.base = None          # what was there before the first write that did not end
        self.after = None         # what the newest of those was to bring
        self.device = None
        self.seen = {content}     # every content that a dump may rightly show

    def config(self):
        keys = {"unique_id": self.unique_id} if self.unique_id else {}
        return slot(self.name, target="nor", chip="EF4012", image=self.path, image_save="live", spi_hz=20000000, **keys)

    def truth(self):
        """The cells as the killed process has left them."""
        with open(self.path + ".live", "rb") as f:
            return bytes(b ^ 0xFF for b in f.read())


class Campaign:
    def __init__(self, rig, boards, chance, contents):
        self.rig, self.boards, self.chance, self.contents = rig, boards, chance, contents
        self.images, self.originals = {}, {}
        self.checked = 0   # the newest dump that was looked at
        self.span = 0.05   # where kills fall: as long as jobs take
        self.hits = self.partials = self.resumed = self.restored = 0

    # ---- before

    def prepare(self):
        for n, content in enumerate(self.contents):
            reply = self.rig.ask("POST", f"/api/v1/images?name={n}", content, {"Content-Type": "application/octet-stream"}, raw=True)
            self.images[reply.json["id"]] = content
        for board in self.boards:
            result = self.rig.backup(board.name)["result"]
            board.device, self.originals[board.name] = result["device"], result["dump"]

    # ---- one kill

    def wish(self, board):
        """A job, and what the chip holds when it is done."""
        now = board.whole
        kind = self.chance.choice(("write", "write", "write", "erase", "backup"))
        if kind == "backup":
            return "backup", {}, now
        if kind == "erase":
            at = self.chance.randrange(0, SIZE - SECTOR, SECTOR)
            n = self.chance.randrange(1, SIZE - at) if board.unique_id else self.chance.randrange(SECTOR, SIZE - at + 1, SECTOR)
            return "erase", {"offset": at, "length": n}, now[:at] + b"\xff" * n + now[at + n:]
        fitting = [i for i in self.images.items() if board.unique_id or len(i[1]) % SECTOR == 0]
        id_, content = self.chance.choice(fitting)
        at = self.chance.randrange(0, SIZE - len(content) + 1)
        if not board.unique_id:
            at = at // SECTOR * SECTOR
        return "write", {"image": id_, "offset": at}, now[:at] + content + now[at + len(content):]

    def submit(self, board):
        """(job, what the chip shall hold then): resume and restore where something is half-done."""
        partial = self.rig.api("GET", f"/devices/{board.device}")["partial"]
        if board.base is None:
            expect(partial is None, board.name, "is whole, and the archive says", partial)
            type_, fields, after = self.wish(board)
            return self.rig.submit(type_, board.name, **fields), after, type_ != "backup"
        expect(partial, board.name, "is half-done, and the archive says nothing")
        way = self.chance.choice(("resume", "restore"))
        if way == "resume" and board.after is not None:
            self.resumed += 1
            return self.rig.api("POST", f"/jobs/{partial['job']}/resume", status=202)["id"], board.after, True
        self.restored += 1
        other = {} if board.unique_id else {"other_device": True}
        return self.rig.submit("restore", board.name, dump=partial["backup"], **other), board.base, True

    def round(self):
        jobs = {board.name: self.submit(board) for board in self.boards}
        time.sleep(self.chance.uniform(0, self.span))
        self.rig.kill()
        truths = {board.name: board.truth() for board in self.boards}
        self.check_file()
        self.rig.start()
        for board in self.boards:
            self.judge(board, jobs[board.name], truths[board.name])
        self.check_dumps()

    # ---- after

    def check_file(self):
        db = sqlite3.connect(os.path.join(self.rig.data, "archive.db"))
        expect(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "integrity_check")
        expect(db.execute("PRAGMA foreign_key_check").fetchone() is None, "foreign_key_check")
        db.close()

    def judge(self, board, wish, truth):
        number, after, changes = wish
        job = self.rig.wait(number)
        expect(job["state"] in ("done", "interrupted"), job)
        if not board.unique_id and board.base is None and job["result"]:  # known by its content alone: may pass for a new one
            board.device = job["result"].get("device", board.device)
        partial = self.rig.api("GET", f"/devices/{board.device}")["partial"]
        self.span *= 1.03 if job["state"] == "interrupted" else 0.98
        self.span = min(max(self.span, 0.002), 3 * self.rig.slow)
        if job["state"] == "done":
            expect(partial is None, board.name, "job", number, "is done, and the device partial:", partial)
            board.whole, board.base, board.after = after, None, None
            board.seen.add(after)
            return
        self.hits += 1
        board.seen.add(truth)
        if partial is None:
            expect(board.base is None and truth == board.whole, board.name, "is said to be whole, and is not, at", differing(truth, board.whole, 0, 0), job)
            return
        self.partials += 1
        if board.base is None:
            board.base = board.whole
            expect(partial["job"] == number, partial, number)
        at, end = partial["offset"], partial["offset"] + partial["length"]
        outside = differing(truth, board.whole, at, end)
        expect(outside is None or partial["job"] != number, board.name, "differs outside of what is marked, first at", outside, partial)
        expect(partial["backup"] is not None and self.rig.content(partial["backup"]).body == board.base, board.name, "has no way back")
        board.after = after if partial["job"] == number else board.after

    def check_dumps(self):
        """Every dump that is new shows what its chip has held, and what was there at first is still there."""
        by_name = {board.name: board for board in self.boards}
        for dump in self.rig.api("GET", "/dumps?limit=200")["dumps"]:
            if dump["id"] <= self.checked:
                continue
            expect(dump["verified"] and dump["complete"], dump)
            content = self.rig.content(dump["id"]).body
            expect(content in by_name[dump["slot"]].seen, "dump", dump["id"], "shows what never was on the chip of", dump["slot"])
        self.checked = max([self.checked] + [d["id"] for d in self.rig.api("GET", "/dumps?limit=1")["dumps"]])
        board = self.chance.choice(self.boards)
        expect(self.rig.content(self.originals[board.name]).body == board.original, "the original of", board.name, "is lost")

    def finish(self):
        """All boards go back to what they were at first; all of the archive is right."""
        for board in self.boards:
            other = {} if board.unique_id else {"other_device": True}
            job = self.rig.run("restore", board.name, dump=self.originals[board.name], **other)
            expect(job["state"] == "done", job["error"])
            expect(self.rig.api("GET", f"/devices/{board.device}")["partial"] is None or not board.unique_id)
        check = self.rig.wait(self.rig.api("POST", "/archive/check", status=202)["id"])
        expect(check["state"] == "done" and check["result"]["damaged"] == [], check)
        self.rig.stop()
        for board in self.boards:
            with open(board.path, "rb") as f:
                expect(f.read() == board.original, board.name, "is not what it was at first")
            expect(not os.path.exists(board.path + ".live"))
        self.rig.start()


def differing(a, b, at, end):
    """The first address outside of [at, end) where a and b are not the same, or None."""
    return next((i for i in range(SIZE) if a[i] != b[i] and not at <= i < end), None)


def test_killed_at_any_moment_the_archive_tells_the_truth():
    rig = Rig()
    kills = int(os.environ.get("FLASHRIG_KILLS", 25 if rig.slow == 1 else 8))
    seed = int(os.environ.get("FLASHRIG_SEED", 1))
    contents = [images.noise(n, n) for n in (SIZE, 100000, 3000, 128 * KIB)]
    boards = [Board(f"s{n}", f"010203040506070{n}" if n < 2 else None, rig.image(f"s{n}", images.noise(SIZE, 90 + n)), images.noise(SIZE, 90 + n))
              for n in range(3)]
    rig.configure("".join(board.config() for board in boards))
    with rig:
        campaign = Campaign(rig, boards, random.Random(seed), contents)
        campaign.prepare()
        for n in range(kills):
            try:
                campaign.round()
            except AssertionError as e:
                raise AssertionError(f"seed {seed}, kill {n}: {e}") from e
        campaign.finish()
        expect(campaign.hits >= kills / 4 and campaign.partials >= min(3, kills / 8), "too few kills hit a running job", campaign.hits, campaign.partials)
        print(f"     {kills} kills: {campaign.hits} jobs hit, {campaign.partials} devices half-done, "
              f"{campaign.resumed} resumed, {campaign.restored} restored")
