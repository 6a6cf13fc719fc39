// What the page knows of the rig. Events are the truth; lists that were fetched fill in what
// happened before them. Whoever wants to know of changes listens.

import { ROOT, get, whenLocked } from "./api.js";

const RECENT = 50; // jobs asked for beside a snapshot, for the cards' last results
const RETRY_MS = 2000;
const RATE_WINDOW_MS = 5000;

export const state = {
	info: null,
	slots: [],
	jobs: new Map(),
	dumps: new Map(),
	link: "connecting", // "live", "lost"
	lostAt: 0,
	loaded: false,
	locked: false, // the rig wants a token first
	generation: 0, // counts snapshots
	updated: false, // the daemon is another version than the one this page came from
};

const listeners = new Set();

/*
 * fn(kind, value, before): kind is "job", "slot", "dump", "link", "info", "locked", "snapshot", and "fresh"
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
	tell("dump", dump);
	return dump;
}

function setJob(job) {
	const before = state.jobs.get(job.id);
	state.jobs.set(job.id, job);
	measure(job);
	tell("job", job, before);
}

export function runningIn(slot) {
	return find((job) => job.slot === slot && job.state === "running");
}

export function lastEndedIn(slot) {
	return find((job) => job.slot === slot && ended(job));
}

export function lastBackupIn(slot) {
	return find((job) => job.slot === slot && job.type === "backup" && job.state === "done" && job.result?.dump != null);
}

/* The newest job that fits. */
function find(fits) {
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
	tell("slot", slot);
}

/* Everything is replaced; ended jobs stay on the page until the list that follows is here. */
async function takeSnapshot({ slots, jobs }) {
	const old = new Map([...state.jobs].filter(([, job]) => ended(job)));
	state.slots = slots;
	state.jobs = new Map([...old, ...jobs.map((job) => [job.id, job])]);
	state.generation++;
	state.loaded = true;
	meters.clear();
	jobs.forEach(measure);
	tell("snapshot");
	await Promise.all([fillJobs(old, state.generation), fillInfo()]).catch(() => {});
}

async function fillJobs(old, generation) {
	const { jobs } = await get(`/jobs?limit=${RECENT}`);
	if (generation !== state.generation) return;
	const again = generation > 1;
	for (const [id, job] of again ? old : []) {
		if (state.jobs.get(id) === job) state.jobs.delete(id);
	}
	jobs.forEach(learnJob);
	tell(again ? "fresh" : "snapshot");
}

async function fillInfo() {
	const info = await get("/info");
	state.updated ||= state.info != null && state.info.version !== info.version;
	state.info = info;
	tell("info", info);
	if (info.auth?.needed && !info.auth.scope) lock();
}
