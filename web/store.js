// What the page knows of the rig. Events are the truth; lists that were fetched fill in what
// happened before them. Whoever wants to know of changes listens.

import { ROOT, change, get, knows, query, rigNow, whenLocked } from "./api.js";

const RECENT = 50; // jobs asked for beside a snapshot, for the cards' last results
const RETRY_MS = 2000;
const RATE_WINDOW_MS = 5000;

export const state = {
	info: null,
	slots: [],
	jobs: new Map(),
	dumps: new Map(),
	batches: new Map(),
	devices: new Map(),
	backups: new Map(), // device id -> its newest complete, verified dump, or null
	link: "connecting", // "live", "lost"
	lostAt: 0,
	loaded: false,
	hasLog: false, // the rig can show what a board says
	locked: false, // the rig wants a token first
	generation: 0, // counts snapshots
	updated: false, // the daemon is another version than the one this page came from
};

const listeners = new Set();

/*
 * fn(kind, value, before): kind is "job", "slot", "dump", "batch", "device", "link", "info", "locked", "snapshot", and "fresh"
 * when after a reconnection what was fetched before is to be fetched again.
 */
export function listen(fn) {
	listeners.add(fn);
	return () => listeners.delete(fn);
}

function tell(kind, value, before) {
	for (const fn of listeners) fn(kind, value, before);
}

const RANK = { queued: 0, running: 1 };
const rank = (job) => RANK[job.state] ?? 2;
export const ended = (job) => rank(job) === 2;

/* A job from an answer: an event that came meanwhile knows better. */
export function learnJob(job) {
	const known = state.jobs.get(job.id);
	if (!known || rank(known) < rank(job)) setJob(job);
	return state.jobs.get(job.id);
}

export function learnDump(dump) {
	state.dumps.set(dump.id, dump);
	if (dump.device != null) askDevice(dump.device);
	tell("dump", dump);
	return dump;
}

function learnBatch(batch) {
	state.batches.set(batch.id, batch);
	tell("batch", batch);
	return batch;
}

/*
 * Made before a question, it takes in what the answer has: what an event has told while that was on
 * its way is newer, and stays.
 */
function answers(known, learn) {
	const before = new Map(known);
	return (it) => {
		if (known.get(it.id) === before.get(it.id)) learn(it);
		return known.get(it.id);
	};
}

export const batchAnswers = () => answers(state.batches, learnBatch);
export const dumpAnswers = () => answers(state.dumps, learnDump);
export const dumpListAnswers = () => answers(state.dumps, (dump) => state.dumps.set(dump.id, dump));

/* What a person changes of a dump; as it is then. */
export async function changeDump(id, what) {
	const take = dumpAnswers();
	return take(await change(`/dumps/${id}`, what));
}

export function learnDevice(device) {
	state.devices.set(device.id, device);
	tell("device", device);
	return device;
}

/* A device and its last verified backup; several askers within a moment are one request. */
const asking = new Map();

export function askDevice(id) {
	if (!asking.has(id)) {
		asking.set(id, new Promise((resolve) => setTimeout(resolve, 100))
			.then(() => asking.delete(id))
			.then(() => Promise.all([state.devices.get(id), get(`/devices/${id}`), get(`/dumps?device=${id}&limit=20`)]))
			.then(([known, device, { dumps }]) => {
				state.backups.set(id, dumps.find((dump) => dump.verified && dump.complete) ?? null);
				if (known === state.devices.get(id)) learnDevice(device);
				else askDevice(id); // it was changed while the answer was on its way
			})
			.catch((error) => error.status === 404 && state.backups.set(id, null)));
	}
	return asking.get(id);
}

function setJob(job) {
	const before = state.jobs.get(job.id);
	state.jobs.set(job.id, job);
	measure(job);
	const device = slotNamed(job.slot)?.device;
	if (before && device != null && rank(before) < 2 && rank(job) === 2) askDevice(device);
	tell("job", job, before);
}

export function slotNamed(name) {
	return state.slots.find((slot) => slot.name === name);
}

/* Newest first. */
export function jobsThat(fits) {
	return [...state.jobs.values()].filter(fits).sort((a, b) => b.id - a.id);
}

export function runningIn(slot) {
	return find((job) => job.slot === slot && job.state === "running");
}

export function lastEndedIn(slot) {
	return find((job) => job.slot === slot && ended(job));
}

/*
 * The chip that is in a slot, or was when its newest job met one; and its device. A job that could
 * not tell the device has met the same kind of chip as the ones before it: then it is probably
 * theirs, but not when another kind came between, nor where boards are changed one after another.
 */
export function occupant(slot) {
	const met = jobsThat((job) => job.slot === slot.name && ended(job) && job.result?.jedec_id);
	const last = met[0]?.result;
	const chip = slot.chip ?? (last && { jedec_id: last.jedec_id, name: last.chip });
	if (!chip) return null;
	const device = slot.chip ? slot.device : last.device;
	if (device != null || slot.hands_free) return { chip, device };
	const other = met.findIndex((job) => job.result.jedec_id !== chip.jedec_id);
	const alike = met.slice(0, other < 0 ? met.length : other).find((job) => job.result.device != null);
	return { chip, device: alike?.result.device, guessed: alike != null };
}

/* The newest check of the archive that came to its end. */
export function lastCheck() {
	return find((job) => job.type === "check" && job.state === "done");
}

export async function fillCheck() {
	const { jobs } = await get("/jobs?type=check&state=done&limit=1");
	jobs.forEach(learnJob);
}

/* The newest job that fits. */
export function find(fits) {
	let best = null;
	for (const job of state.jobs.values()) {
		if (fits(job) && job.id > (best?.id ?? -1)) best = job;
	}
	return best;
}

// ---- how fast

const meters = new Map(); // job id -> { key, samples: [{ at, done }] }

function measure(job) {
	if (job.state !== "running" || !job.progress) return meters.delete(job.id);
	const key = `${job.phase} ${job.progress.unit}`;
	let meter = meters.get(job.id);
	const last = meter?.samples.at(-1);
	if (meter?.key !== key || job.progress.done < last.done) {
		meter = { key, samples: [] };
		meters.set(job.id, meter);
	}
	const now = performance.now();
	meter.samples.push({ at: now, done: job.progress.done });
	while (meter.samples.length > 2 && meter.samples[0].at < now - RATE_WINDOW_MS) meter.samples.shift();
	return meter;
}

/* Units per second of the running phase; null while it is too early to tell. */
export function speed(job) {
	const samples = meters.get(job.id)?.samples;
	if (!samples || samples.length < 2) return null;
	const [first, last] = [samples[0], samples.at(-1)];
	const now = performance.now();
	const until = now - last.at > 2000 ? now : last.at; // no news: it gets slower
	return until - first.at > 700 ? ((last.done - first.done) * 1000) / (until - first.at) : null;
}

// ---- the stream

let source = null;

function lock() {
	source?.close();
	if (state.locked) return;
	state.locked = true;
	tell("locked");
}

whenLocked(lock);

/* Follows the rig, unless it wants a token first; without an answer it is tried again and again. */
export async function enter() {
	await fillInfo().catch(() => {});
	if (!state.locked) follow();
}

function follow() {
	source = new EventSource(`${ROOT}/events`);
	const on = (type, fn) => source.addEventListener(type, (e) => fn(JSON.parse(e.data)));
	on("snapshot", takeSnapshot);
	on("job", setJob);
	on("slot", takeSlot);
	on("dump", learnDump);
	on("batch", learnBatch);
	source.onopen = () => setLink("live");
	source.onerror = () => {
		setLink("lost");
		if (source.readyState === EventSource.CLOSED && !state.locked) setTimeout(enter, RETRY_MS);
	};
	addEventListener("pagehide", () => source.close(), { once: true });
}

function setLink(link) {
	if (link === "lost" && state.link !== "lost") state.lostAt = Date.now();
	if (link === "live") meters.clear();
	state.link = link;
	tell("link", link);
}

function takeSlot(slot) {
	const at = state.slots.findIndex((s) => s.name === slot.name);
	if (at < 0) state.slots.push(slot);
	else state.slots[at] = slot;
	if (slot.device != null && !state.devices.has(slot.device)) askDevice(slot.device);
	tell("slot", slot);
}

/* Everything is replaced; ended jobs stay on the page until the list that follows is here. */
async function takeSnapshot({ slots, jobs, batches = [] }) {
	const old = new Map([...state.jobs].filter(([, job]) => ended(job)));
	state.slots = slots;
	state.jobs = new Map([...old, ...jobs.map((job) => [job.id, job])]);
	for (const batch of batches) state.batches.set(batch.id, batch);
	for (const { device } of slots) if (device != null) askDevice(device);
	state.generation++;
	state.loaded = true;
	meters.clear();
	jobs.forEach(measure);
	tell("snapshot");
	await Promise.all([fillJobs(old, state.generation), fillDevices(), fillInfo(), fillAbilities()]).catch(() => {});
}

async function fillJobs(old, generation) {
	const { jobs } = await get(`/jobs?limit=${RECENT}`);
	if (generation !== state.generation) return;
	const again = generation > 1;
	for (const [id, job] of again ? old : []) {
		if (state.jobs.get(id) === job) state.jobs.delete(id);
	}
	jobs.forEach(learnJob);
	if (jobs.length === RECENT) await fillQuiet();
	tell(again ? "fresh" : "snapshot");
}

/* Slots whose last job is older than the newest ones of all. */
async function fillQuiet() {
	const quiet = state.slots.filter((slot) => !occupant(slot));
	const pages = await Promise.all(quiet.map(({ name }) => get(`/jobs${query({ slot: name, limit: 20 })}`)));
	for (const { jobs } of pages) jobs.forEach(learnJob);
}

/* The names of the newest ones; others are asked for when they are shown. */
async function fillDevices() {
	const { devices } = await get("/devices?limit=200");
	for (const device of devices) if (!state.devices.has(device.id)) learnDevice(device);
}

async function fillAbilities() {
	if (!state.slots.some((slot) => slot.log)) return;
	state.hasLog = await knows("/slots/{name}/log");
	tell("snapshot");
}

async function fillInfo() {
	const info = await get("/info");
	state.updated ||= state.info != null && state.info.version !== info.version;
	state.info = { ...info, since: rigNow() - info.uptime_s * 1000 };
	tell("info", info);
	if (info.auth?.needed && !info.auth.scope) lock();
}
