// What is done less often: tar in and out, moves, merges, deletes, notes, and a write that stopped halfway.

import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
	api, ask, card, check, choose, chosen, ending, kept, newestJob, plain, press, rig, run, same, sheet, show, SOON, start, until,
} from "./harness.mjs";
import { MIB, withBoards } from "./own.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const button = (name) => rig.page.getByRole("button", { name, exact: true });
const go = (name) => sheet().getByRole("button", { name, exact: true }).click();

/* As from a file manager, until the page says what should come of it: the note of an earlier drop may stand for a moment. */
async function drop(name, bytes, says) {
	const file = await rig.page.evaluateHandle(([called, text]) => {
		const all = new DataTransfer();
		all.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], called));
		return all;
	}, [name, bytes.toString("base64")]);
	await rig.page.locator(".drop").dispatchEvent("drop", { dataTransfer: file });
	await rig.page.locator(".note.ok", { hasText: name }).filter({ hasText: says }).waitFor({ timeout: SOON });
}

async function deleteDump(id) {
	await show(`dumps/${id}`);
	await button("Delete…").click();
	await go("Delete");
}

const isGone = (id) => until(async () => (await api("/dumps")).dumps.every((dump) => dump.id !== id), "a dump less");

/* The last verified backup of a device is refused first; as a tar it comes back. */
async function tarOutAndIn() {
	const content = randomBytes(MIB);
	await withBoards({ a: { content, unique_id: "D000000000000001" } }, async () => {
		const { dump, device } = (await run({ type: "backup", slot: "a" })).result;
		await show("archive");
		const coming = rig.page.waitForEvent("download", { timeout: SOON });
		await rig.page.getByRole("link", { name: "Export everything (tar)" }).click();
		await (await coming).saveAs(kept("everything.tar"));
		const tar = await readFile(kept("everything.tar"));
		same(tar.subarray(257, 262).toString(), "ustar", "the kind of file");
		check(tar.includes(content.subarray(0, 4096)), "the bytes of the dump are not in the tar");
		for (const view of [`dumps/${dump}`, `devices/${device}`]) {
			await show(view);
			const href = await rig.page.getByRole("link", { name: /^Export/ }).getAttribute("href", { timeout: SOON });
			const answer = await fetch(rig.daemon.url + href);
			same(answer.headers.get("content-type"), "application/x-tar", `what ${href} answers`);
			same(Buffer.from(await answer.arrayBuffer()).subarray(257, 262).toString(), "ustar", `the bytes of ${href}`);
		}
		rig.down = true; // the browser complains of every 4xx
		await deleteDump(dump);
		await sheet().locator(".finding", { hasText: "last verified backup" }).waitFor({ timeout: SOON });
		same((await api(`/dumps/${dump}`)).id, dump, "the dump is there still");
		await sheet().getByText("Delete it nevertheless").click();
		await go("Delete");
		await until(async () => rig.page.url().endsWith("#/archive"), "the archive");
		rig.down = false;
		await isGone(dump);
		await drop("everything.tar", tar, "1 dump imported");
		same((await api("/dumps")).dumps[0].sha256, sha256(content), "what came back");
		await drop("everything.tar", tar, "0 dumps imported, 1 known already");
	});
}

/* A bare file takes its name as label; it is moved to a device, two devices become one, and it goes. */
async function moveMergeDelete() {
	const boards = { a: { content: randomBytes(MIB), unique_id: "D000000000000001" }, b: { content: randomBytes(MIB), unique_id: "D000000000000002" } };
	await withBoards(boards, async () => {
		const [a, b] = [(await run({ type: "backup", slot: "a" })).result, (await run({ type: "backup", slot: "b" })).result];
		const bytes = randomBytes(70_000);
		await show("archive");
		await drop("kitchen lamp.bin", bytes, "CRC-32");
		const lamp = (await api("/dumps")).dumps[0];
		same([lamp.label, lamp.device, lamp.sha256].join(), ["kitchen lamp", null, sha256(bytes)].join(), "the import");
		await rig.page.getByRole("link", { name: "kitchen lamp" }).first().waitFor({ timeout: SOON });

		await show(`dumps/${lamp.id}`);
		await button("Move…").click();
		same(await chosen(), "", "no device is chosen yet");
		await sheet().getByRole("searchbox").fill("no such device");
		await sheet().getByText("Nothing fits.").waitFor({ timeout: SOON });
		await choose(b.device, "0000002");
		same(await sheet().getByRole("radio").count(), 2, "what fits, and no device");
		await go("Move");
		await until(async () => (await api(`/dumps/${lamp.id}`)).device === b.device, "the dump moved");
		await rig.page.locator("dd").getByRole("link", { name: `#${b.device}` }).first().waitFor({ timeout: SOON });

		await show(`devices/${a.device}`);
		await button("Merge…").click();
		const search = sheet().getByRole("searchbox");
		await search.fill("d000000000000002"); // with the keyboard from here: Enter in the field must not merge
		await sheet().getByText("1 found").waitFor({ timeout: SOON });
		await search.press("ArrowDown");
		await rig.page.keyboard.press("Space");
		same(await chosen(), String(b.device), "the other device");
		await search.press("Enter");
		same((await api("/devices")).devices.length, 2, "devices after Enter in the search");
		await rig.page.screenshot({ path: kept("merge-sheet-desktop-light.png") });
		await go("Merge");
		await until(async () => (await api("/devices")).devices.length === 1, "one device");
		await until(async () => (await rig.page.locator(".timeline li").count()) === 3, "all dumps with it");
		same((await api(`/dumps/${b.dump}`)).device, a.device, "whose the other's dump is");

		await deleteDump(lamp.id);
		await until(async () => rig.page.url().endsWith("#/archive"), "the archive");
		await isGone(lamp.id);
	});
}

/* More dumps than a list shows: an old one is found by its label. */
async function oldOnesAreFound() {
	await withBoards({ a: {} }, async () => {
		const old = await ask("POST", "/dumps?label=the%20needle", randomBytes(4096));
		for (let i = 0; i < 60; i++) await ask("POST", `/dumps?label=hay%20${i}`, randomBytes(4096));
		const newest = (await api("/dumps?limit=1")).dumps[0];
		await show(`dumps/${newest.id}`);
		await button("Compare…").click();
		await sheet().getByText("type to find others").waitFor({ timeout: SOON });
		same(await sheet().locator(`[value="${old.id}"]`).count(), 0, "the old one is among the newest");
		same(await sheet().locator(`[value="${newest.id}"]`).count(), 0, "a dump is compared with itself");
		same(await sheet().getByRole("button", { name: "Compare" }).isDisabled(), true, "Compare with nothing chosen");
		await choose(old.id, "needle");
		await sheet().getByRole("searchbox").fill('hay "');
		await until(async () => (await sheet().getByRole("radio").count()) !== 1, "other dumps");
		same(await chosen(), String(old.id), "what was chosen stays");
		await go("Compare");
		await rig.page.getByText("1 sector of 4 KiB differ").waitFor({ timeout: SOON });
		check(rig.page.url().endsWith(`#/compare/${newest.id}/${old.id}`), "the comparison has no address");
	});
}

/* Label, tags and notes where they stand: on a dump, in the list of devices, on a device. */
async function notesAreKept() {
	await withBoards({ a: { content: randomBytes(MIB) } }, async () => {
		const { dump, device } = (await run({ type: "backup", slot: "a" })).result;
		const write = async (view, names) => {
			await show(view);
			for (const [name, text] of Object.entries(names)) await rig.page.getByLabel(name, { exact: true }).fill(text);
			await button("Save").click();
		};
		await write(`dumps/${dump}`, { Label: "before", Tags: "factory, lot 7", Notes: "two\nlines" });
		const saved = await until(async () => { const it = await api(`/dumps/${dump}`); return it.notes && it; }, "the notes of the dump");
		same([saved.label, saved.tags.join("+"), saved.notes].join("|"), "before|factory+lot 7|two\nlines", "the dump");
		await write(`devices/${device}`, { Tags: "shelf 3", Notes: "hums" });
		await until(async () => (await api(`/devices/${device}`)).notes === "hums", "the notes of the device");
		same((await api(`/devices/${device}`)).label, "", "the label of the device, after that of the dump with its number was typed");
		await show("devices");
		await button(`Edit the label of device ${device}`).click();
		await rig.page.keyboard.type("Radio");
		await rig.page.keyboard.press("Escape");
		await button(`Edit the label of device ${device}`).click();
		same((await api(`/devices/${device}`)).label, "", "the label after Escape");
		await rig.page.keyboard.type("Lamp");
		await rig.page.keyboard.press("Enter");
		await until(async () => (await api(`/devices/${device}`)).label === "Lamp", "the label of the device");
		await rig.page.goto("about:blank");
		await show(`devices/${device}`);
		await until(async () => (await rig.page.locator("textarea").inputValue()) === "hums", "the notes on the page");
		same(await rig.page.getByLabel("Tags", { exact: true }).inputValue(), "shelf 3", "the tags on the page");
		await show("archive?tag=factory");
		await rig.page.getByRole("link", { name: "before" }).waitFor({ timeout: SOON });
	});
}

/* What waits and what runs is cancelled from its row; the list is filtered by slot and type. */
async function jobsInRows() {
	await withBoards({ slow: { content: randomBytes(MIB), speed: 1, spi_hz: 1_000_000 }, quick: {} }, async () => {
		await run({ type: "identify", slot: "quick" });
		const [runs, waits] = [await ask("POST", "/jobs", { type: "backup", slot: "slow" }), await ask("POST", "/jobs", { type: "backup", slot: "slow" })];
		await show("jobs");
		for (const { id } of [waits, runs]) {
			await rig.page.locator("tbody tr", { hasText: `#${id}` }).getByRole("button", { name: `Cancel Backup ${id}` }).click();
			same((await ending(id)).state, "cancelled", `job ${id}`);
		}
		await until(async () => (await rig.page.getByRole("button", { name: /^Cancel/ }).count()) === 0, "nothing to cancel");
		const rows = async () => (await rig.page.locator("tbody tr").allInnerTexts()).map(plain);
		await rig.page.getByLabel("Slot").selectOption("quick");
		await until(async () => (await rows()).length === 1 && (await rows())[0].includes("Identify"), "the jobs of a slot");
		await rig.page.getByLabel("Slot").selectOption("");
		await rig.page.getByLabel("Type").selectOption("backup");
		await until(async () => (await rows()).length === 2 && (await rows()).every((row) => row.includes("slow")), "the jobs of a type");
		await rig.page.getByLabel("State").selectOption("failed");
		await rig.page.getByText("No job fits.").waitFor({ timeout: SOON });
	});
}

/* A write is stopped in its middle: the card keeps saying so, offers the way back, and it can go on. */
async function halfWritten() {
	await withBoards({ slow: { chip: "EF4013", content: randomBytes(MIB / 2), unique_id: "D000000000000001", speed: 1, spi_hz: 20_000_000 } }, async () => {
		const image = await ask("POST", "/images?name=all.bin", randomBytes(MIB / 2));
		const first = await ask("POST", "/jobs", { type: "write", slot: "slow", image: image.id });
		await card("slow").locator("[aria-current=step]", { hasText: "Write" }).waitFor({ timeout: 60_000 });
		await card("slow").getByRole("button", { name: /^Cancel/ }).click();
		const stopped = await ending(first.id);
		same(stopped.state, "cancelled", "the write");
		await card("slow").getByText("half old, half new").waitFor({ timeout: SOON });
		await card("slow").getByRole("button", { name: `Restore dump #${stopped.result.backup}…` }).waitFor({ timeout: SOON });
		same(await card("slow").getByRole("button", { name: `Resume Write ${first.id}` }).count(), 1, "the way on");

		await ending(await start("slow", "Identify"));
		const notice = card("slow").locator(".finding", { hasText: "A write to this device did not come to its end" });
		await notice.getByRole("button", { name: `Restore dump #${stopped.result.backup}…` }).click();
		same(await chosen(), String(stopped.result.backup), "the dump to restore");
		await rig.page.keyboard.press("Escape");
		await show("devices");
		await rig.page.getByText("Half written").waitFor({ timeout: SOON });

		await show(`jobs/${first.id}`);
		await button("Restore the backup…").waitFor({ timeout: SOON });
		await button(`Resume Write ${first.id}`).click();
		await until(async () => !rig.page.url().endsWith(`/${first.id}`), "the job that goes on");
		const second = await ending((await newestJob("slow")).id);
		same([second.state, second.resumes, second.result.sha256].join(), ["done", first.id, image.sha256].join(), `the second (${second.error?.message ?? "no error"})`);
		check(second.result.skipped > 0, "what was right already is written again");
		await rig.page.locator("dd").getByRole("link", { name: `#${first.id}`, exact: true }).first().waitFor({ timeout: SOON });
		await show("bench");
		await card("slow").locator(".result").waitFor({ timeout: SOON });
		await until(async () => (await notice.count()) === 0, "nothing is half done");
	});
}

export const flows = [
	["everything goes out as a tar and comes in again, and the last backup is deleted by force only", tarOutAndIn],
	["a file that is dropped is moved to a device, devices are merged, a dump is deleted", moveMergeDelete],
	["a dump behind the newest ones is found in a list to choose from, and compared", oldOnesAreFound],
	["label, tags and notes are kept where they stand", notesAreKept],
	["jobs are cancelled from their rows, and filtered by slot, type and state", jobsInRows],
	["a write that stopped halfway is named, its way back offered, and it goes on", halfWritten],
];
