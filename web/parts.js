// Pieces that several views show: a job as it runs, what it brought, what went wrong.

import { ROOT, ApiError, freshKey, post, rigNow } from "./api.js";
import { h, icon } from "./dom.js";
import * as f from "./format.js";
import { askDevice, learnJob, speed, state } from "./store.js";

// ---- words with a face

const STATE_TONE = {
	idle: "ok", busy: "busy", offline: "off", insert: "busy", working: "busy", remove: "ok",
	queued: "off", running: "busy", done: "ok", failed: "bad", cancelled: "off", interrupted: "warn",
};

export function pill(word) {
	return h("span", { class: "pill", "data-tone": STATE_TONE[word] ?? "off" }, f.cap(word));
}

export function badge(tone, face, words) {
	return h("span", { class: "badge", "data-tone": tone }, face && icon(face), words);
}

/* What every pass agreed on; a dump that is not proven says so as clearly. */
export function verifiedBadge(verified) {
	if (verified == null) return null;
	return verified
		? badge("ok", "check", "Verified")
		: badge("warn", "cross", "Not verified");
}

export function time(at) {
	if (!at) return "–";
	const date = Date.parse(at);
	return h("time", { datetime: at, title: f.exactly(date) }, f.when(date, rigNow()));
}

/* For a thing's own page, where there is room. */
export function moment(at) {
	return at ? h("time", { datetime: at }, f.exactly(Date.parse(at))) : null;
}

/* What people call it: its label, else its MAC, else its number. */
const unknown = new Set(); // asked for once

export function deviceName(id) {
	const it = state.devices.get(id);
	if (!it && !unknown.has(id)) {
		unknown.add(id);
		askDevice(id);
	}
	return it?.label || it?.mac || `#${id}`;
}

const MAC = /^(..:){5}..$/;

export function deviceLink(id) {
	if (id == null) return null;
	const name = deviceName(id);
	return h("a", { href: `#/devices/${id}` }, MAC.test(name) ? h("code", null, name) : name);
}

export function chipName(chip) {
	if (!chip) return "–";
	return chip.name ?? chip;
}

export const slotLink = (slot) => `#/slots/${encodeURIComponent(slot.name)}`;

/* A definition list; facts without a value are left out. */
export function facts(pairs, className = "facts") {
	return h("dl", { class: className }, pairs
		.filter(([, value]) => value != null && value !== "")
		.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
}

export function mono(text) {
	return text == null ? null : h("code", null, text);
}

/* A hash with a button that copies it; short shows both ends. */
export function hash(value, { short = false, name = "SHA-256" } = {}) {
	if (!value) return null;
	const shown = short ? `${value.slice(0, 8)}…${value.slice(-8)}` : value;
	return h("span", { class: "hash" },
		h("data", { value, title: short ? value : null }, shown),
		h("button", {
			class: "quiet icon-only", type: "button", "aria-label": `Copy ${name}`, title: `Copy ${name}`,
			on: { click: (e) => copy(value, e.currentTarget) },
		}, icon("copy")));
}

async function copy(text, button) {
	const copied = await (navigator.clipboard?.writeText(text).then(() => true, () => false)
		?? copyOldWay(text, button));
	announce(copied ? "Copied" : "Could not copy");
	button.dataset.copied = copied ? "yes" : "no";
	setTimeout(() => delete button.dataset.copied, 1500);
}

/* navigator.clipboard exists on HTTPS only, and a bench is plain HTTP. */
function copyOldWay(text, button) {
	const area = h("textarea", { class: "unseen", readonly: true, "aria-hidden": "true", prop: { value: text } });
	document.body.append(area);
	area.select();
	const copied = document.execCommand("copy");
	area.remove();
	button.focus();
	return copied;
}

export function dumpLink(id, words = `Dump #${id}`) {
	return h("a", { href: `#/dumps/${id}` }, words);
}

export function jobLink(id, words = `#${id}`) {
	return h("a", { href: `#/jobs/${id}` }, words);
}

/* The first cell of a row: what it is called, and its number. */
export function named(href, name, id) {
	return h("a", { class: "strong", href }, name, " ", h("span", { class: "muted" }, `#${id}`));
}

export function downloadLink(dump, text = "Download", className = "button") {
	return h("a", { class: className, href: `${ROOT}/dumps/${dump}/content`, download: true }, icon("download"), text);
}

export function empty(...words) {
	return h("div", { class: "empty" }, ...words);
}

export function field(name, control, className) {
	return h("label", { class: `field ${className ?? ""}` }, h("span", null, name), control);
}

/* Columns are [name, class]; rows are { key, cells }. Roles keep it a table where CSS stacks it. */
export function table(name, columns, rows) {
	const cell = (content, i) => h("td", {
		role: "cell", class: columns[i][1], "data-name": columns[i][0],
	}, content);
	return h("table", { role: "table", "aria-label": name },
		h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map(([title, className]) =>
			h("th", { role: "columnheader", scope: "col", class: className }, title)))),
		h("tbody", { role: "rowgroup" }, rows.map(({ key, cells }) =>
			h("tr", { role: "row", key }, cells.map(cell)))));
}

// ---- what went wrong

export function finding(error, { tone = "bad", title } = {}) {
	const words = typeof error === "string" ? { message: error } : error;
	return h("div", { class: "finding", "data-tone": tone },
		h("strong", null, title ?? f.errorTitle(words.code)),
		h("p", null, words.message),
		words.offset != null && h("p", null, "First at ", mono(f.hex(words.offset)),
			words.differing_sectors != null && `, ${f.count(words.differing_sectors, "sector")} differ`),
		words.hint && h("p", { class: "hint" }, words.hint));
}

/* What a check of the archive has found. */
export function damages(list, most = list.length) {
	return h("ul", null, list.slice(0, most).map((at) => h("li", null,
		at.dump != null ? dumpLink(at.dump) : "An image", " at ", mono(f.hex(at.offset)),
		at.length > 0 && `, ${f.bytes(at.length)}`, `: ${at.reason}`)),
	list.length > most && h("li", null, `and ${f.count(list.length - most, "more place")}`));
}

const ENDED_TONE = { failed: "bad", interrupted: "warn", cancelled: "off" };

/* The reason of a job that did not end well. */
export function jobFinding(job) {
	if (job.state === "cancelled") return finding({ message: cancelledWords(job) }, { tone: "off", title: "Cancelled" });
	return finding(job.error ?? { message: `The job is ${job.state}.` }, { tone: ENDED_TONE[job.state] });
}

const CHANGERS = new Set(["write", "restore", "erase"]);

function cancelledWords(job) {
	if (!job.started_at) return "Taken out of the queue before it began.";
	if (!CHANGERS.has(job.type)) return "Stopped on request; nothing was stored.";
	return "Stopped on request. The chip may be half old, half new: resume it, or restore the backup.";
}

/* A write that ended in trouble can go on from what is there. */
export function canResume(job) {
	return CHANGERS.has(job.type) && ["failed", "cancelled", "interrupted"].includes(job.state);
}

export function resumeButton(job) {
	const go = async () => {
		const next = await act(() => post(`/jobs/${job.id}/resume`));
		if (next) {
			learnJob(next);
			if (location.hash.startsWith("#/jobs/")) location.hash = `#/jobs/${next.id}`;
		}
	};
	return h("button", needs("operate", {
		type: "button", class: "small primary", "aria-label": `Resume ${f.typeName(job.type)} ${job.id}`,
		title: "The same once more: what is right already is skipped", on: { click: (e) => whileBusy(e.currentTarget, go) },
	}), "Resume");
}

// ---- a job that runs

const CHANGE = ["enter", "probe", "check", "backup", "own board", "write", "prove", "leave"];
const BACKUP_PHASES = new Set(["read", "verify", "archive"]); // of the backup before a change
const PHASES = {
	"backup": ["enter", "probe", "read", "verify", "archive"],
	"identify": ["enter", "probe"],
	"verify": ["enter", "probe", "check", "compare"],
	"blank-check": ["enter", "probe", "check", "blank"],
	"write": CHANGE, "restore": CHANGE, "erase": CHANGE,
	"check": ["contents", "file"],
};
const PHASE_WORDS = {
	"enter": "Getting in", "probe": "Identifying the chip", "read": "Reading",
	"verify": "Reading again to prove it", "archive": "Storing in the archive",
	"check": "Checking that it fits", "backup": "Backup before anything changes",
	"own board": "Is it the right board", "write": "Erasing and writing", "prove": "Proving what is there now",
	"leave": "Letting the board start", "compare": "Comparing", "blank": "Looking for bytes that are not FF",
	"contents": "Reading every dump again", "file": "Checking the file of the archive",
};
export const phaseWords = (phase) => PHASE_WORDS[phase] ?? f.cap(phase ?? "starting");

export function running(job) {
	return h("div", { class: "running" },
		steps(job), job.asks && h("p", { class: "note warn", role: "alert" }, icon("warn"), h("strong", null, job.asks)), bar(job),
		h("p", { class: "numbers" }, h("span", null, amount(job)), h("span", { class: "muted" }, pace(job))));
}

function steps(job) {
	const all = PHASES[job.type] ?? [];
	const within = all === CHANGE && BACKUP_PHASES.has(job.phase);
	const at = all.indexOf(within ? "backup" : job.phase);
	if (at < 0) return h("p", { class: "phase" }, phaseWords(job.phase));
	return h("ol", { class: "steps", "aria-label": "Steps", "data-many": all.length > 5 }, all.map((name, i) =>
		h("li", {
			"data-step": i < at ? "past" : i === at ? "now" : "next",
			"aria-current": i === at ? "step" : null,
		}, f.cap(name))));
}

function counted(job) {
	const p = job.progress;
	return p && p.unit === "bytes" && p.total > 0;
}

function bar(job) {
	const p = job.progress;
	return h("progress", {
		max: 1000, value: counted(job) ? Math.floor((p.done / p.total) * 1000) : null,
		"aria-label": `${f.typeName(job.type)} of ${job.slot ?? "the archive"}: ${phaseWords(job.phase)}`,
	});
}

/* The left half of the line under the bar: how much. */
function amount(job) {
	const p = job.progress;
	if (counted(job)) return [f.bytesOf(p.done, p.total), h("b", null, percent(job))];
	if (p?.unit === "attempts") return ["Attempt ", h("b", { class: "attempts" }, p.done.toLocaleString("en"))];
	return `${phaseWords(job.phase)}…`;
}

/* The right half: how fast, and how long it will take; since when where nobody can know. */
function pace(job) {
	const perSecond = speed(job);
	if (state.link !== "live") return "no news";
	if (!counted(job)) return job.started_at ? f.clock(rigNow() - Date.parse(job.started_at)) : "";
	if (!perSecond) return "";
	return `${f.rate(perSecond)} · ${timeLeft(job, perSecond)}`;
}

/* A backup reads everything a second time, at the same pace. */
function timeLeft(job, perSecond) {
	const { done, total } = job.progress;
	const again = job.type === "backup" && job.phase === "read" ? total : 0;
	const seconds = (total - done + again) / perSecond;
	return seconds < 1.5 ? "almost done" : `about ${f.clock(seconds * 1000)} left`;
}

export function percent(job) {
	if (!counted(job)) return "";
	return `${Math.floor((job.progress.done / job.progress.total) * 100)} %`;
}

export function took(job) {
	if (!job.started_at) return null;
	const until = job.finished_at ? Date.parse(job.finished_at) : rigNow();
	const ms = until - Date.parse(job.started_at);
	return job.finished_at ? f.lasting(ms) : f.clock(ms);
}

/* "1 attempt", "37 attempts in 2.1 s", ... : what it cost, in one line. */
export function effort(job) {
	const { entry, spi_hz } = job.result ?? {};
	return [
		took(job),
		entry?.attempts > 0 && f.count(entry.attempts, "entry attempt"),
		spi_hz > 0 && f.hertz(spi_hz),
	].filter(Boolean).join(" · ");
}

// ---- what one may do

/* The wires a job goes over: as chosen on the card, where a slot has both. */
const transports = new Map();

export const hasChoice = (slot) => slot.transports?.length > 1;

export function transportOf(slot) {
	return transports.get(slot.name) ?? slot.transports?.[0] ?? "spi";
}

export function chooseTransport(slot, transport) {
	transports.set(slot.name, transport);
}

const RANKS = { read: 1, operate: 2, admin: 3 };

export function may(scope) {
	const has = state.info?.auth?.scope;
	return !has || RANKS[has] >= RANKS[scope];
}

/* The attributes of a control: disabled, with the reason, for those whose token is not enough. */
export function needs(scope, attrs) {
	if (may(scope)) return attrs;
	return { ...attrs, disabled: true, title: whyNot(scope) };
}

export function whyNot(scope) {
	return may(scope) ? null : `Needs a token with the scope “${scope}”; yours has “${state.info.auth.scope}”`;
}

// ---- doing things

export async function startJob(body) {
	const job = await act(() => post("/jobs", body, { "Idempotency-Key": freshKey() }));
	return job ? learnJob(job) : null;
}

export function cancelButton(job) {
	return h("button", needs("operate", {
		type: "button", class: "small", "aria-label": `Cancel ${f.typeName(job.type)} ${job.id}`,
		on: { click: (e) => whileBusy(e.currentTarget, () => act(() => post(`/jobs/${job.id}/cancel`))) },
	}), "Cancel");
}

/* What the hands do at a simulated board. */
export function putBoard(slot, body) {
	return post(`/slots/${encodeURIComponent(slot.name)}/sim`, body);
}

/* Keeps a button from being pressed twice while its request is on the way. */
export async function whileBusy(button, fn) {
	button.setAttribute("aria-busy", "true");
	if (button.dataset.busy) return;
	button.dataset.busy = "yes";
	await fn();
	delete button.dataset.busy;
	button.removeAttribute("aria-busy");
}

/* Runs a request; what went wrong is said, and the answer is null. */
export async function act(fn) {
	try {
		return await fn();
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		if (error.status !== 401) toast(error); // else the page asks for a token
		return null;
	}
}

export function announce(text) {
	document.getElementById("announce").textContent = text;
}

function toast(error) {
	const box = finding(error);
	const close = h("button", {
		type: "button", class: "quiet icon-only", "aria-label": "Close", on: { click: () => box.remove() },
	}, icon("cross"));
	box.append(close);
	const sheet = document.querySelector("dialog[open]"); // nothing is seen behind it
	(sheet ?? document.getElementById("toasts")).append(box);
	if (sheet) {
		box.setAttribute("role", "alert");
		box.scrollIntoView();
	}
	setTimeout(() => box.remove(), 12e3);
}
