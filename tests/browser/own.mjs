// Boards of its own, most in virtual time: what the page knows after a restart, damage, half-done writes.

import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Daemon } from "./daemon.mjs";
import {
	api, ask, card, check, choose, ending, JOB, kept, openPage, options, plain, press, rig, run, same, sheet, show, SOON, start, until,
} from "./harness.mjs";

export const MIB = 1024 * 1024;
const CHIP = "EF4014"; // 1 MiB

/* Boards by name: what their slots have beside the usual; content is what is on the chip. */
async function configure(folder, boards) {
	await mkdir(folder, { recursive: true });
	let text = "";
	for (const [name, { content, ...keys }] of Object.entries(boards)) {
		const image = path.join(folder, `${name}.bin`);
		if (content) await writeFile(image, content);
		const all = { board: "sim", target: "nor", chip: CHIP, ...(content && { image }), ...keys };
		text += `[slot ${name}]\n${Object.entries(all).map(([key, value]) => `${key} = ${value}\n`).join("")}`;
	}
	await writeFile(path.join(folder, "rig.conf"), text);
}

/* fn runs against a rig with these boards, in a page of its own. */
export async function withBoards(boards, fn) {
	const before = { daemon: rig.daemon, page: rig.page };
	const data = await mkdtemp(path.join(tmpdir(), "flashrig-own-"));
	await configure(data, boards);
	rig.daemon = new Daemon(options.daemon, data, kept("flashrigd-own.log"), { config: path.join(data, "rig.conf") });
	try {
		await rig.daemon.start();
		rig.page = await openPage({});
		await show("bench");
		await fn(data);
	} catch (error) {
		await rig.page.screenshot({ path: kept("FAIL-own.png") });
		throw error;
	} finally {
		if (rig.page !== before.page) await rig.page.context().close();
		await rig.daemon.kill();
		Object.assign(rig, before);
		await rm(data, { recursive: true, force: true });
	}
}

/* As a power cut would, with something done while it is out; the page comes anew. */
export async function restart(meanwhile) {
	await rig.page.goto("about:blank");
	await rig.daemon.kill();
	await meanwhile?.();
	await rig.daemon.start();
	await show("bench");
}

const strip = async (slot) => plain(await card(slot).locator(".strip").innerText());

/* The newest job met the same kind of chip, and could not tell whose: said as probable, not as known. */
async function lastDeviceAfterARestart() {
	const boards = { marked: { content: randomBytes(MIB), unique_id: "D000000000000001" }, mute: { content: randomBytes(MIB) } };
	await withBoards(boards, async (data) => {
		const dumps = {};
		for (const slot of Object.keys(boards)) dumps[slot] = (await run({ type: "backup", slot })).result;
		await restart();
		const identified = (await run({ type: "identify", slot: "mute" })).result;
		same(identified.device, undefined, "the device of a chip without a unique ID");
		await restart();
		const device = await api(`/devices/${dumps.mute.device}`);
		await until(async () => (await strip("mute")).includes("probably"), "what was there probably");
		same((await strip("mute")).includes(`Last device here #${device.id} probably`), true, `the device is named: ${await strip("mute")}`);
		await card("mute").locator(`.strip a[href="#/dumps/${dumps.mute.dump}"]`).waitFor({ timeout: SOON }); // the last backup
		check((await strip("marked")).includes(`Last device here #${dumps.marked.device} Chip`), `what is certain is not called probable: ${await strip("marked")}`);
		await press("mute", "Restore");
		await choose(dumps.mute.dump);
		await sheet().getByText(`It comes from #${device.id}: write it even if another device is in the slot`).waitFor({ timeout: SOON });
		await rig.page.keyboard.press("Escape");
		await rig.page.screenshot({ path: kept("last-device-desktop-light.png") });
		await run({ type: "identify", slot: "mute" });
		await until(async () => (await strip("mute")).startsWith("Device"), "what is there now");
		check((await strip("mute")).includes(`#${device.id} probably`), `after one more look it is said still: ${await strip("mute")}`);
		await restart(() => configure(data, { ...boards, mute: { chip: "C22014" } }));
		await run({ type: "identify", slot: "mute" });
		await restart();
		await until(async () => (await strip("mute")).includes("C22014"), "the other kind of chip");
		check((await strip("mute")).includes("Last device here not known yet"), `another kind of chip is another device: ${await strip("mute")}`);
	});
}

/* A byte of a stored block changes while the daemon is down. */
async function flip(data, content, at) {
	const file = path.join(data, "archive.db");
	const bytes = await readFile(file);
	const found = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => bytes.indexOf(content.subarray(at + n * 100, at + n * 100 + 32))).find((place) => place > 0);
	check(found, "a block of noise is in the file as it is");
	bytes[found] ^= 0x10;
	await writeFile(file, bytes);
}

async function damageIsShown() {
	const content = randomBytes(MIB);
	await withBoards({ a: { content }, b: { content: randomBytes(MIB) } }, async (data) => {
		const [bad, good] = [(await run({ type: "backup", slot: "a" })).result.dump, (await run({ type: "backup", slot: "b" })).result.dump];
		await restart(() => flip(data, content, 0x21800));
		await show("rig");
		await rig.page.getByRole("button", { name: "Check now" }).click();
		const card = rig.page.getByRole("region", { name: "Archive" });
		await card.getByText("1 place damaged").waitFor({ timeout: SOON });
		await card.getByRole("listitem").filter({ hasText: `Dump #${bad} at 0x21000` }).waitFor({ timeout: SOON });
		const { id } = (await api("/jobs?type=check")).jobs[0];
		await rig.page.screenshot({ path: kept("damage-rig-desktop-light.png") });
		// whatever the page has loaded before
		await rig.page.route("**/api/v1/jobs?limit=50", (route) => route.fulfill({ json: { jobs: [], next: null } }));
		await rig.page.goto("about:blank");
		rig.down = true; // the browser complains of every 5xx
		await show(`dumps/${bad}`);
		const finding = rig.page.locator(".finding", { hasText: "Damaged in the archive" });
		await finding.getByRole("link", { name: `check #${id}` }).waitFor({ timeout: SOON });
		const map = rig.page.getByRole("slider", { name: /Flash map/ });
		await rig.page.locator(".legend", { hasText: "damaged in the archive 1" }).waitFor({ timeout: SOON });
		await finding.getByRole("link", { name: "0x21000" }).click();
		await until(async () => (await map.getAttribute("aria-valuetext"))?.includes("damaged in the archive"), "the map says it of the place");
		await rig.page.locator(".hexcard .finding", { hasText: "broke off" }).waitFor({ timeout: SOON });
		rig.down = false;
		await rig.page.screenshot({ path: kept("damage-dump-desktop-light.png"), fullPage: true });
		await show(`dumps/${good}`);
		await map.waitFor({ timeout: SOON });
		same(await finding.count(), 0, "the other dump is said to be damaged");
		await rig.page.unroute("**/api/v1/jobs?limit=50");
	});
}

/* Nothing but a UART, and firmware that does not reboot: the card calls the person, who takes the power off and on. */
async function personIsCalled() {
	const board = { target: "bk7231n", content: randomBytes(MIB / 4), uart: "sim" };
	await withBoards({ lone: { ...board, spi: "none", cen: "none", faults: "uart_deaf=1" }, wired: board }, async () => {
		await show("slots/lone");
		const said = rig.page.getByRole("region", { name: "What the board says now" }).locator("pre");
		await until(async () => (await said.innerText()).includes("application started"), "the loader has let go", JOB);
		await show("bench");
		for (const [slot, buttons] of [["lone", 0], ["wired", 1]])
			same(await card(slot).getByRole("button", { name: `Reset ${slot}` }).count(), buttons, `what resets ${slot}`);
		same(await rig.page.getByLabel("Wires for lone").count(), 0, "a choice of one kind of wires");
		const id = await start("lone", "Backup");
		const call = card("lone").getByRole("alert").filter({ hasText: "Reset the board now" });
		await call.waitFor({ timeout: SOON });
		await rig.page.screenshot({ path: kept("person-called-desktop-light.png") });
		for (const present of [false, true]) await ask("POST", "/slots/lone/sim", { present });
		const job = await ending(id);
		same(job.state, "done", `the job (${job.error?.message ?? "no error"})`);
		same(job.request.transport, "uart", "the wires of the job");
		await call.waitFor({ state: "detached", timeout: SOON });
	});
}

export const own = [
	["where nothing can reset a board, its card calls the person", personIsCalled],
	["after a restart a card says of a device only what is known, and what is probable", lastDeviceAfterARestart],
	["damage in the archive is listed on the rig and marked in the dump, whatever was loaded", damageIsShown],
];
