// The bench: backup, wiring, cancel, write, verify, restore, erase.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
	api, card, check, choose, chosen, ending, hasEnded, JOB, kept, newestJob, plain, press, rig, same, seen, sheet, show, Skip, SOON, start, until,
} from "./harness.mjs";

async function showsFourSlots() {
	await show("bench");
	await rig.page.locator("[data-slot]").nth(3).waitFor({ timeout: SOON });
	const names = await rig.page.locator("[data-slot] h2").allInnerTexts();
	same(names.sort().join(" "), "bare doorbell faulty plug", "the cards");
	same(await rig.page.locator("#demo").isVisible(), true, "the demo badge is shown");
}

/* Watches the card while the job runs: attempts and bar values, each in the order seen. */
async function follow(slot, id) {
	const attempts = new Set();
	const bars = new Set();
	await until(async () => {
		const now = await card(slot).evaluate((it) => ({
			bar: it.querySelector("progress[value]")?.value,
			text: it.querySelector(".numbers")?.innerText ?? "",
		}));
		if (now.bar > 0) bars.add(now.bar);
		const attempt = /Attempt ([\d,]+)/.exec(now.text);
		if (attempt) attempts.add(attempt[1]);
		return hasEnded(await api(`/jobs/${id}`));
	}, `the end of job ${id}`, JOB);
	return { attempts, bars };
}

async function backupRuns() {
	await show("bench");
	const id = await start("doorbell", "Backup");
	const { attempts, bars } = await follow("doorbell", id);
	const job = await api(`/jobs/${id}`);
	same(job.state, "done", `job ${id} (${job.error?.message ?? "no error"})`);
	check(attempts.size >= 2, `the attempts did not count up: saw ${[...attempts]}`);
	check(bars.size >= 5, `the bar did not move: saw ${[...bars]}`);
	seen.backup = job;
}

export function backedUp() {
	if (!seen.backup) throw new Skip("there was no backup");
	return seen.backup;
}

async function resultIsShown() {
	const { result } = backedUp();
	const box = card("doorbell").locator(".result");
	await box.waitFor({ timeout: SOON });
	const dump = await api(`/dumps/${result.dump}`);
	same(await box.locator("data").getAttribute("value"), dump.sha256, "the SHA-256 on the card");
	same(await box.locator("dd code").first().innerText(), dump.crc32, "the CRC-32 on the card");
	check((await box.innerText()).includes("Verified"), "the card does not say Verified");
	check((await card("doorbell").innerText()).includes("0B4016"), "the card does not name the chip's ID");
}

async function downloadIsTheDump() {
	const { result } = backedUp();
	const coming = rig.page.waitForEvent("download", { timeout: SOON });
	await card("doorbell").getByRole("link", { name: "Download" }).click();
	const download = await coming;
	const file = kept("doorbell.bin");
	await download.saveAs(file);
	const bytes = await readFile(file);
	same(bytes.length, result.size, "the length of the download");
	same(createHash("sha256").update(bytes).digest("hex"), result.sha256, "the SHA-256 of the download");
}

async function wiringFaultIsNamed() {
	await show("bench");
	const job = await ending(await start("faulty", "Backup"));
	same(job.state, "failed", "the job");
	const finding = card("faulty").locator(".finding");
	await finding.waitFor({ timeout: SOON });
	const words = plain(await finding.innerText());
	check(words.includes(plain(job.error.message)), `the card does not say "${job.error.message}" but "${words}"`);
	check(job.error.hint && words.includes(plain(job.error.hint)), "the card does not say what to do");
	const drawing = card("faulty").getByRole("img", { name: /Wiring: MISO is held at ground/ });
	await drawing.waitFor({ timeout: SOON });
	same(await drawing.locator('[data-tone="bad"] text').first().textContent(), "MISO", "the wire that is marked");
}

/* Cancels a backup as soon as it runs; gives the step in which it was. */
async function cancelOnce() {
	const id = await start("doorbell", "Backup");
	const step = await card("doorbell").locator("[aria-current=step]").innerText({ timeout: SOON });
	await card("doorbell").getByRole("button", { name: /^Cancel/ }).click({ timeout: SOON });
	same((await ending(id)).state, "cancelled", "the job");
	await card("doorbell").locator(".finding", { hasText: "Cancelled" }).waitFor({ timeout: SOON });
	await until(async () => (await card("doorbell").getAttribute("data-state")) === "idle", "an idle slot");
	return step;
}

/* A lucky entry is over before anybody can press a button: then once more. */
async function entryIsCancelled() {
	await show("bench");
	for (let tries = 5; tries > 0; tries--) {
		if ((await cancelOnce()) === "Enter") return;
	}
	check(false, "never saw the entry running");
}

async function labelledBackup() {
	await show("bench");
	await press("plug", "Backup");
	await card("plug").getByRole("button", { name: "Backup plug with a label" }).click();
	await rig.page.getByLabel("Label", { exact: true }).fill("as bought");
	await rig.page.keyboard.press("Enter");
	await until(async () => (await api("/jobs?slot=plug")).jobs.length >= 2, "two jobs in the slot");
	await card("plug").getByText("1 queued").waitFor({ timeout: SOON });
	const job = await ending((await newestJob("plug")).id);
	same(job.state, "done", "the job");
	same((await api(`/dumps/${job.result.dump}`)).label, "as bought", "the label");
}

/* Presses one of the card's buttons that opens a sheet, and the sheet's own once it is filled in. */
async function throughSheet(slot, name, fill) {
	const before = (await newestJob(slot))?.id ?? -1;
	await press(slot, name);
	await sheet().waitFor({ timeout: SOON });
	await fill?.(sheet());
	await sheet().locator("[data-go]").click();
	const job = await until(async () => {
		const newest = await newestJob(slot);
		return newest && newest.id > before && newest;
	}, `a job in slot ${slot}`);
	return ending(job.id);
}

const IMAGE = { name: "test-image.bin", mimeType: "application/octet-stream", buffer: Buffer.from("flashrig writes this. ".repeat(700)) };
export const imageHash = createHash("sha256").update(IMAGE.buffer).digest("hex");

/* An image that is chosen in the sheet is uploaded, written behind what will be lost, and proven. */
async function writesAnImage() {
	await show("bench");
	const job = await throughSheet("plug", "Write", async (box) => {
		const words = plain(await box.innerText());
		check(words.includes("replaces") && words.includes("verified backup"), `the sheet does not say what will be lost: ${words}`);
		same(await box.getByRole("button", { name: "Write", exact: true }).isDisabled(), true, "Write is out of reach without a source");
		await box.locator("input[type=file]").setInputFiles(IMAGE);
		check((await chosen()).startsWith("image "), "the uploaded image is not chosen");
		await box.getByText("Range, backup and checks").click();
		await box.getByLabel("Offset").fill("0x180000");
		await rig.page.screenshot({ path: kept("write-sheet-desktop-light.png") });
	});
	same(job.state, "done", `the write (${job.error?.message ?? "no error"})`);
	same(job.result.sha256, imageHash, "what was written");
	check(job.result.backup > 0, "no way back is named");
	await card("plug").getByRole("link", { name: `Dump #${job.result.backup}` }).first().waitFor({ timeout: SOON });
	seen.write = job;
}

async function verifiesAnImage() {
	if (!seen.write) throw new Skip("nothing was written");
	await show("bench");
	const job = await throughSheet("plug", "Verify", async (box) => {
		await choose(`image ${seen.write.request.image}`, "TEST-im");
		await box.getByLabel("Offset of an image").fill("0x0");
	});
	same(job.state, "failed", "a comparison with the wrong place");
	same(job.error.code, "verify-failed", "its reason");
	await card("plug").locator(".finding", { hasText: "First at" }).waitFor({ timeout: SOON });
}

async function restoresTheBackup() {
	if (!seen.write) throw new Skip("nothing was written");
	await show("bench");
	const job = await throughSheet("plug", "Restore", async (box) => {
		await choose(seen.write.result.backup, "plug");
		check(plain(await box.innerText()).includes("whole chip"), "the sheet does not say that all of it is replaced");
	});
	same(job.state, "done", `the restore (${job.error?.message ?? "no error"})`);
	same(job.result.sha256, (await api(`/dumps/${seen.write.result.backup}`)).sha256, "what is on the chip");
}

/* No backup is asked for: then the button waits for a second yes. */
async function eraseAsksTwice() {
	await show("bench");
	await press("plug", "Erase");
	const button = sheet().getByRole("button", { name: "Erase", exact: true });
	same(await button.isDisabled(), false, "Erase with a backup is possible at once");
	await sheet().getByText("Range and backup").click();
	await sheet().getByLabel("Backup first").selectOption("never");
	same(await button.isDisabled(), true, "Erase without a way back");
	await sheet().getByText("I know that there may be no way back").click();
	same(await button.isDisabled(), false, "Erase without a way back, once it is meant");
	await rig.page.keyboard.press("Escape");
	await sheet().waitFor({ state: "detached", timeout: SOON });
	same(await card("plug").getByRole("button", { name: "Erase plug" }).evaluate((it) => it === document.activeElement), true, "the focus is back where it was");
}

/* What the rig refuses is said in the sheet, and what was typed stays. */
async function refusalIsSaid() {
	await show("bench");
	await press("plug", "Erase");
	await sheet().getByText("Range and backup").click();
	await sheet().getByLabel("Offset").fill("0xFFFFFFF");
	rig.down = true; // the browser complains of every 4xx
	await sheet().getByRole("button", { name: "Erase", exact: true }).click();
	const job = await Promise.race([
		sheet().getByRole("alert").waitFor({ timeout: SOON }).then(() => null),
		sheet().waitFor({ state: "detached", timeout: SOON }).then(() => newestJob("plug")),
	]);
	rig.down = false;
	if (job) return same((await ending(job.id)).state, "failed", "an erase behind the end of the chip");
	same(await sheet().getByLabel("Offset").inputValue(), "0xFFFFFFF", "what was typed");
	await rig.page.keyboard.press("Escape");
}

/* With the keyboard alone: from the top of the page to a job that runs. */
async function keyboardDoesIt() {
	await show("bench");
	const button = card("plug").getByRole("button", { name: "Identify plug", exact: true });
	for (let tabs = 0; tabs < 60; tabs++) {
		await rig.page.keyboard.press("Tab");
		if (await button.evaluate((it) => it === document.activeElement)) break;
	}
	const before = (await newestJob("plug")).id;
	await rig.page.keyboard.press("Enter");
	const job = await until(async () => {
		const newest = await newestJob("plug");
		return newest.id > before && newest;
	}, "a job");
	same((await ending(job.id)).type, "identify", "what was started");
}

/* Where a slot has both kinds of wires, the card says over which the next job goes. */
async function goesOverUart() {
	const slot = (await api("/slots")).slots.find((it) => it.transports?.includes("uart") && it.transports.includes("spi") && it.name !== "faulty");
	if (!slot) throw new Skip("no slot of the demo has a UART loader");
	await show("bench");
	await rig.page.getByLabel(`Wires for ${slot.name}`).selectOption("uart");
	const job = await ending(await start(slot.name, "Identify"));
	same(job.request.transport, "uart", "the wires of the job");
	same(job.state, "done", `the job (${job.error?.message ?? "no error"})`);
	await rig.page.getByLabel(`Wires for ${slot.name}`).selectOption("spi");
	const again = await ending(await start(slot.name, "Identify"));
	check(again.request.transport !== "uart", "the next job goes over SPI again");
}

async function bootLogIsSeen() {
	const slot = (await api("/slots")).slots.find((it) => it.log && it.name !== "faulty");
	const described = await (await fetch(`${rig.daemon.url}/api/v1/openapi.yaml`)).text();
	if (!slot || !described.includes("/slots/{name}/log:")) throw new Skip("no slot of the demo has a log");
	await show(`slots/${slot.name}`);
	const said = rig.page.getByRole("region", { name: "What the board says now" }).locator("pre");
	await said.waitFor({ timeout: SOON });
	await rig.page.getByRole("button", { name: `Reset ${slot.name}` }).click();
	await until(async () => { const text = await said.innerText(); return text.length > 20 && !text.startsWith("Nothing yet"); }, "what the board says when it starts");
	const job = await throughSheet(slot.name, "Boot log", (box) => box.getByLabel("Seconds").fill("2"));
	same(job.state, "done", `the recording (${job.error?.message ?? "no error"})`);
	await show(`jobs/${job.id}`);
	const kept = rig.page.getByRole("region", { name: "Boot log" }).locator("pre");
	await kept.waitFor({ timeout: SOON });
	check((await kept.innerText()).length > 20, "the boot log is kept with the job");
}

export const bench = [
	["the bench shows the four slots of the demo", showsFourSlots],
	["a backup of the doorbell runs, with attempts and bar moving", backupRuns],
	["its card then shows CRC-32, SHA-256 and that it is verified", resultIsShown],
	["the download has the bytes of the dump", downloadIsTheDump],
	["a wiring fault is named in words, with what to do, and drawn", wiringFaultIsNamed],
	["a running entry is cancelled and says so", entryIsCancelled],
	["a second backup queues and gets its label", labelledBackup],
	["an image is chosen, uploaded and written behind what will be lost", writesAnImage],
	["a verify that fails names the first difference", verifiesAnImage],
	["the way back of a write is restored", restoresTheBackup],
	["an erase without a way back asks twice, and Escape gives the focus back", eraseAsksTwice],
	["what the rig refuses is said where it was asked", refusalIsSaid],
	["a job is started with the keyboard alone", keyboardDoesIt],
	["a job goes over the wires that the card says", goesOverUart],
	["the boot log is seen live, and recorded", bootLogIsSeen],
];
