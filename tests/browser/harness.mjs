// What the flows share: the rig, its page in the browser, and how a test says what it wants.

import path from "node:path";
import { parseArgs } from "node:util";

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };
export const SOON = 10_000; // for what a page or a request does
export const JOB = 180_000; // for a whole job on a busy machine

export const { values: options } = parseArgs({ options: { daemon: { type: "string" }, out: { type: "string" }, only: { type: "string" } } });
if (!options.daemon || !options.out) {
	console.error("usage: node run.mjs --daemon FLASHRIGD --out DIR [--only PART-OF-A-NAME]");
	process.exit(2);
}

/* In the folder of what the run leaves. */
export const kept = (name) => path.join(options.out, name);

export class Skip extends Error {}

export function check(fact, why) {
	if (!fact) throw new Error(why);
}

export function same(got, wanted, what) {
	check(got === wanted, `${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
}

/* As a browser shows it. */
export const plain = (text) => text.replace(/\s+/g, " ");

/* Asks until fn gives something truthy. */
export async function until(fn, what, timeout = SOON) {
	const end = Date.now() + timeout;
	for (;;) {
		const value = await fn();
		if (value) return value;
		check(Date.now() < end, `waited ${timeout / 1000} s for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

// ---- the rig and its page

export const rig = { daemon: null, browser: null, page: null, complaints: [], down: false };

export const api = async (where) => (await fetch(`${rig.daemon.url}/api/v1${where}`)).json();
export const newestJob = async (slot) => (await api(`/jobs?slot=${slot}&limit=1`)).jobs[0];
export const card = (slot) => rig.page.locator(`[data-slot="${slot}"]`);
export const press = (slot, name) => card(slot).getByRole("button", { name: `${name} ${slot}`, exact: true }).click();

export async function show(hash) {
	await rig.page.goto(`${rig.daemon.url}/#/${hash}`);
	await rig.page.locator('#link[data-state="live"]').waitFor({ timeout: SOON });
}

/* Presses a button of a card; gives the id of the job that comes of it. */
export async function start(slot, name) {
	const before = (await newestJob(slot))?.id ?? -1;
	await press(slot, name);
	const job = await until(async () => {
		const newest = await newestJob(slot);
		return newest && newest.id > before && newest;
	}, `a job in slot ${slot}`);
	return job.id;
}

export const hasEnded = (job) => !["queued", "running"].includes(job.state);

export async function ending(id) {
	return until(async () => {
		const job = await api(`/jobs/${id}`);
		return hasEnded(job) && job;
	}, `the end of job ${id}`, JOB);
}

/* What a browser says against a page, but for requests while the daemon is meant to be gone. */
export function watch(page) {
	page.on("pageerror", (error) => rig.complaints.push(`exception: ${error.message}`));
	page.on("console", (message) => {
		if (message.type() !== "error" && message.type() !== "warning") return;
		if (!rig.down) rig.complaints.push(message.text());
	});
	return page.addInitScript(() => addEventListener("securitypolicyviolation", (e) => {
		console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`);
	}));
}

export async function openPage(settings) {
	const context = await rig.browser.newContext({ viewport: DESKTOP, acceptDownloads: true, ...settings });
	const page = await context.newPage();
	await watch(page);
	return page;
}

export const live = (page) => page.locator('#link[data-state="live"]').waitFor({ timeout: SOON });

/* Asks the rig directly, as a person with curl would. */
export async function ask(method, where, body) {
	const response = await fetch(`${rig.daemon.url}/api/v1${where}`, {
		method, headers: body instanceof Buffer ? { "Content-Type": "application/octet-stream" } : { "Content-Type": "application/json" },
		body: body instanceof Buffer ? body : JSON.stringify(body ?? {}),
	});
	check(response.ok, `${method} ${where}: ${response.status}`);
	return response.status === 204 ? null : response.json();
}

/* Runs a job and gives it, ended as wanted. */
export async function run(body, state = "done") {
	const job = await ending((await ask("POST", "/jobs", body)).id);
	same(job.state, state, `${body.type} in ${body.slot} (${job.error?.message ?? "no error"})`);
	return job;
}

/* The dialog that is open. */
export const sheet = () => rig.page.getByRole("dialog");

/* Takes from a list in a sheet what has this value, once it is found by the words. */
export async function choose(value, words) {
	if (words) await sheet().getByRole("searchbox").fill(words);
	await sheet().locator(`[type=radio][value="${value}"]`).check({ timeout: SOON });
}

export const chosen = () => sheet().locator("[type=radio]:checked").getAttribute("value", { timeout: SOON });

export const seen = {}; // what one test leaves for a later one
