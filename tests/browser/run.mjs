// The page in a real browser against the real daemon with its demo boards.
//
//   node run.mjs --daemon build/.../flashrigd --out DIR
//
// One line per test: "ok   name", "FAIL name: why" or "skip name: why". Exit status 1 when one
// failed. Screenshots, the download and the daemon's messages are left in DIR.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Daemon } from "./daemon.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const CHROMIUM_ARGS = [
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const SOON = 10_000; // for what a page or a request does
const JOB = 180_000; // for a whole job on a busy machine

const { values: options } = parseArgs({ options: { daemon: { type: "string" }, out: { type: "string" } } });
if (!options.daemon || !options.out) {
	console.error("usage: node run.mjs --daemon FLASHRIGD --out DIR");
	process.exit(2);
}

class Skip extends Error {}

function check(fact, why) {
	if (!fact) throw new Error(why);
}

function same(got, wanted, what) {
	check(got === wanted, `${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
}

/* As a browser shows it. */
const plain = (text) => text.replace(/\s+/g, " ");

/* Asks until fn gives something truthy. */
async function until(fn, what, timeout = SOON) {
	const end = Date.now() + timeout;
	for (;;) {
		const value = await fn();
		if (value) return value;
		check(Date.now() < end, `waited ${timeout / 1000} s for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

// ---- the rig and its page

const rig = { daemon: null, browser: null, page: null, complaints: [], down: false };

const api = async (where) => (await fetch(`${rig.daemon.url}/api/v1${where}`)).json();
const newestJob = async (slot) => (await api(`/jobs?slot=${slot}&limit=1`)).jobs[0];
const card = (slot) => rig.page.locator(`[data-slot="${slot}"]`);
const press = (slot, name) => card(slot).getByRole("button", { name: `${name} ${slot}`, exact: true }).click();

async function show(hash) {
	await rig.page.goto(`${rig.daemon.url}/#/${hash}`);
	await rig.page.locator('#link[data-state="live"]').waitFor({ timeout: SOON });
}

/* Presses a button of a card; gives the id of the job that comes of it. */
async function start(slot, name) {
	const before = (await newestJob(slot))?.id ?? -1;
	await press(slot, name);
	const job = await until(async () => {
		const newest = await newestJob(slot);
		return newest && newest.id > before && newest;
	}, `a job in slot ${slot}`);
	return job.id;
}

const hasEnded = (job) => !["queued", "running"].includes(job.state);

async function ending(id) {
	return until(async () => {
		const job = await api(`/jobs/${id}`);
		return hasEnded(job) && job;
	}, `the end of job ${id}`, JOB);
}

/* What a browser says against a page, but for requests while the daemon is meant to be gone. */
function watch(page) {
	page.on("pageerror", (error) => rig.complaints.push(`exception: ${error.message}`));
	page.on("console", (message) => {
		if (message.type() !== "error" && message.type() !== "warning") return;
		if (!rig.down) rig.complaints.push(message.text());
	});
	return page.addInitScript(() => addEventListener("securitypolicyviolation", (e) => {
		console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`);
	}));
}

async function openPage(settings) {
	const context = await rig.browser.newContext({ viewport: DESKTOP, acceptDownloads: true, ...settings });
	const page = await context.newPage();
	await watch(page);
	return page;
}

// ---- the tests, in the order of a morning at the bench

const seen = {}; // what one test leaves for a later one

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

function backedUp() {
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
	const file = path.join(options.out, "doorbell.bin");
	await download.saveAs(file);
	const bytes = await readFile(file);
	same(bytes.length, result.size, "the length of the download");
	same(createHash("sha256").update(bytes).digest("hex"), result.sha256, "the SHA-256 of the download");
}

async function dumpHasItsPage() {
	const { result, id } = backedUp();
	await show(`dumps/${result.dump}`);
	const shown = rig.page.locator("dd data");
	await shown.waitFor({ timeout: SOON });
	same(await shown.innerText(), result.sha256, "the SHA-256 on the page");
	await show(`jobs/${id}`);
	await until(async () => (await rig.page.locator(".log pre").innerText()).length > 40, "the job's log");
}

async function labelIsEdited() {
	const { result } = backedUp();
	await show("archive");
	await rig.page.getByRole("button", { name: `Edit the label of dump ${result.dump}`, exact: true }).click();
	await rig.page.keyboard.type("Front door <b>1</b>");
	await rig.page.keyboard.press("Enter");
	await until(async () => (await api(`/dumps/${result.dump}`)).label === "Front door <b>1</b>", "the label in the archive");
	await rig.page.getByRole("link", { name: "Front door <b>1</b>" }).waitFor({ timeout: SOON });
}

async function archiveIsSearched() {
	const { result } = backedUp();
	await show("archive");
	const rows = rig.page.locator("tbody tr");
	await rig.page.getByLabel("Search").fill("Front door");
	await until(async () => rig.page.url().endsWith("q=Front+door"), "the search in the address");
	await rig.page.getByRole("link", { name: `#${result.dump}` }).waitFor({ timeout: SOON });
	await rig.page.getByLabel("Search").fill("no such thing");
	await until(async () => (await rows.count()) === 0, "an empty list");
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

async function backButtonWorks() {
	await show("bench");
	await rig.page.getByRole("link", { name: "Jobs", exact: true }).click();
	await rig.page.locator("tbody a").first().click();
	await rig.page.locator(".log pre").waitFor({ timeout: SOON });
	await rig.page.goBack();
	await rig.page.locator("tbody a").first().waitFor({ timeout: SOON });
	await rig.page.getByLabel("State").selectOption("failed");
	await until(async () => rig.page.url().endsWith("#/jobs?state=failed"), "the filter in the address");
	await until(async () => (await rig.page.locator("tbody tr").allInnerTexts()).every((row) => row.includes("Failed")), "failed jobs only");
	await rig.page.goBack();
	await rig.page.goBack();
	await rig.page.locator("[data-slot]").first().waitFor({ timeout: SOON });
}

async function reconnects() {
	await show("bench");
	const before = (await api("/dumps")).dumps.map((dump) => dump.id);
	const id = await start("bare", "Backup");
	await card("bare").locator("progress").waitFor({ timeout: SOON });
	rig.down = true;
	await rig.daemon.kill();
	await rig.page.getByText("reconnecting…").waitFor({ timeout: SOON });
	await rig.daemon.start();
	await rig.page.locator('#link[data-state="live"]').waitFor({ timeout: 30_000 });
	rig.down = false;
	same((await api(`/jobs/${id}`)).state, "interrupted", "the job under which the daemon died");
	await card("bare").locator(".finding", { hasText: "Interrupted" }).waitFor({ timeout: SOON });
	await rig.page.getByRole("link", { name: "Archive", exact: true }).click();
	await until(async () => (await rig.page.locator("tbody tr").count()) === before.length, `${before.length} dumps`);
}

/* Every view, and what is there when it has its data. */
function everyView() {
	const { id, result } = backedUp();
	return Object.entries({
		"bench": ".result",
		"jobs": "tbody tr",
		[`jobs/${id}`]: ".result",
		"archive": "tbody tr",
		[`dumps/${result.dump}`]: "dd data",
	});
}

/* A view with its data, in the size and colours asked for. */
async function visit(settings, [hash, sign], fn) {
	const page = await openPage(settings);
	await page.goto(`${rig.daemon.url}/#/${hash}`);
	await page.locator('#link[data-state="live"]').waitFor({ timeout: SOON });
	await page.locator(sign).first().waitFor({ timeout: SOON });
	await page.waitForTimeout(300);
	await page.locator(sign).first().waitFor({ timeout: SOON }); // still there when all is loaded
	await fn(page);
	await page.context().close();
}

async function fitsPhone() {
	for (const view of everyView()) {
		const [hash] = view;
		await visit({ viewport: { width: 360, height: 740 } }, view, async (page) => {
			const { scroll, width } = await page.evaluate(() => ({
				scroll: document.documentElement.scrollWidth, width: document.documentElement.clientWidth,
			}));
			check(scroll <= width, `#/${hash} is ${scroll} px wide on ${width} px`);
		});
	}
}

async function keepsScreenshots() {
	const looks = [["desktop", DESKTOP], ["phone", PHONE]]
		.flatMap(([size, viewport]) => ["light", "dark"].map((colorScheme) => ({ size, viewport, colorScheme })));
	for (const { size, viewport, colorScheme } of looks) {
		for (const view of everyView()) {
			const file = path.join(options.out, `${view[0].replace("/", "-")}-${size}-${colorScheme}.png`);
			await visit({ viewport, colorScheme }, view, (page) => page.screenshot({ path: file, fullPage: true }));
			check(existsSync(file), `no ${file}`);
		}
	}
}

/* A rig that wants tokens, and a page of it that has shown none. */
async function withLockedRig(fn) {
	const data = await mkdtemp(path.join(tmpdir(), "flashrig-locked-"));
	const daemon = new Daemon(options.daemon, data, path.join(options.out, "flashrigd-locked.log"), "0.0.0.0");
	await daemon.start();
	const context = await rig.browser.newContext({ viewport: DESKTOP });
	try {
		await fn(daemon, await context.newPage());
	} finally {
		await context.close();
		await daemon.kill();
		await rm(data, { recursive: true, force: true });
	}
}

async function logIn(page, token) {
	await page.getByLabel("Access token").fill(token);
	await page.keyboard.press("Enter");
}

const live = (page) => page.locator('#link[data-state="live"]').waitFor({ timeout: SOON });

async function loginByScope() {
	await withLockedRig(async (daemon, page) => {
		const tokens = { read: await daemon.token("add", "eyes", "--scope", "read"), operate: await daemon.token("add", "hands", "--scope", "operate") };
		await page.goto(`${daemon.url}/#/archive`);
		await logIn(page, "frt_wrong");
		await page.getByText("not known here").waitFor({ timeout: SOON });
		await page.screenshot({ path: path.join(options.out, "login-desktop-light.png") });
		await logIn(page, tokens.read);
		await live(page);
		same(new URL(page.url()).hash, "#/archive", "the view after the login");
		await page.goto(`${daemon.url}/#/bench`);
		const backup = page.getByRole("button", { name: "Backup doorbell", exact: true });
		await backup.waitFor({ timeout: SOON });
		same(await backup.isDisabled(), true, "Backup is out of reach for a reader");
		check((await backup.getAttribute("title")).includes("operate"), "it does not say why");
		await page.getByText("read only").waitFor({ timeout: SOON });
		await page.screenshot({ path: path.join(options.out, "read-only-desktop-light.png") });
		await page.getByRole("button", { name: "Log out" }).click();
		await logIn(page, tokens.operate);
		await live(page);
		await backup.click();
		await until(async () => (await page.locator('[data-slot="doorbell"]').getAttribute("data-state")) === "busy", "a busy slot");
		await daemon.token("revoke", "hands");
		await page.getByLabel("Access token").waitFor({ timeout: 30_000 });
	});
}

async function noComplaints() {
	same(rig.complaints.join("\n"), "", "the browser's complaints");
}

const TESTS = [
	["the bench shows the four slots of the demo", showsFourSlots],
	["a backup of the doorbell runs, with attempts and bar moving", backupRuns],
	["its card then shows CRC-32, SHA-256 and that it is verified", resultIsShown],
	["the download has the bytes of the dump", downloadIsTheDump],
	["dump and job have pages of their own", dumpHasItsPage],
	["a label is edited in place, and markup in it is only text", labelIsEdited],
	["the archive is searched", archiveIsSearched],
	["a wiring fault is named in words with what to do", wiringFaultIsNamed],
	["a running entry is cancelled and says so", entryIsCancelled],
	["a second backup queues and gets its label", labelledBackup],
	["deep links, filters and the back button work", backButtonWorks],
	["the page reconnects after kill -9 and the dumps are there", reconnects],
	["a login by scope: wrong, reader, operator, revoked", loginByScope],
	["no view scrolls sideways on a phone", fitsPhone],
	["screenshots are kept", keepsScreenshots],
	["the browser had nothing to complain about", noComplaints],
];

async function runOne([name, fn]) {
	try {
		await fn();
		console.log(`ok   ${name}`);
		return true;
	} catch (error) {
		if (error instanceof Skip) {
			console.log(`skip ${name}: ${error.message}`);
			return true;
		}
		console.log(`FAIL ${name}: ${error.message.split("\n")[0]}`);
		await rig.page?.screenshot({ path: path.join(options.out, `FAIL-${TESTS.findIndex((t) => t[0] === name)}.png`) }).catch(() => {});
		return false;
	}
}

async function loadBrowser() {
	if (!existsSync(CHROMIUM)) throw new Skip(`${CHROMIUM} is not installed`);
	const { chromium } = await import("playwright-core").catch(() => {
		throw new Skip("playwright-core is not installed (npm ci)");
	});
	return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
}

async function main() {
	await mkdir(options.out, { recursive: true });
	const data = await mkdtemp(path.join(tmpdir(), "flashrig-browser-"));
	let failed = 0;
	try {
		rig.browser = await loadBrowser();
		rig.daemon = new Daemon(options.daemon, data, path.join(options.out, "flashrigd.log"));
		await rig.daemon.start();
		rig.page = await openPage({});
		for (const test of TESTS) {
			if (!(await runOne(test))) failed++;
		}
	} catch (error) {
		if (!(error instanceof Skip)) throw error;
		for (const [name] of TESTS) console.log(`skip ${name}: ${error.message}`);
	} finally {
		await rig.browser?.close();
		await rig.daemon?.kill();
		await rm(data, { recursive: true, force: true });
	}
	return failed ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"]) {
	process.on(signal, () => rig.daemon?.kill().finally(() => process.exit(1)));
}
process.exitCode = await main();
