// Jobs: the list, live and filtered, and a job's own page with its log.

import { ROOT, get, query } from "./api.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import {
	act, cancelButton, chipName, downloadLink, empty, facts, field, finding, hash, jobFinding, moment,
	mono, percent, phaseWords, pill, running, table, time, took, verifiedBadge,
} from "./parts.js";
import { ended, learnJob, state } from "./store.js";

const PAGE = 25;
const STATES = ["queued", "running", "done", "failed", "cancelled", "interrupted"];

// ---- the list: what the filter lets through, down to the oldest one that was asked for

let filter = {};
let oldest = Infinity;
let next = null;
let asked = 0; // counts loads, so that a late answer to an old question is dropped

export const jobs = {
	title: () => "Jobs",
	open(_, params) {
		filter = { slot: params.get("slot") ?? "", state: params.get("state") ?? "" };
		return load();
	},
	refresh: () => load(),
	render() {
		const list = shown();
		return [
			h("div", { class: "head" }, h("h1", { tabindex: "-1" }, "Jobs"), filters()),
			list.length ? table("Jobs", COLUMNS, list.map(row)) : nothing(),
			next != null && h("div", { class: "more" },
				h("button", { type: "button", on: { click: () => load(next).then(() => jobs.changed?.()) } }, "Older jobs")),
		];
	},
};

async function load(before) {
	const mine = ++asked;
	if (before == null) [oldest, next] = [Infinity, null];
	const page = await act(() => get(`/jobs${query({ ...filter, limit: PAGE, before })}`));
	if (!page || mine !== asked) return;
	page.jobs.forEach(learnJob);
	next = page.next;
	oldest = next == null ? 0 : Math.min(...page.jobs.map((job) => job.id));
}

function shown() {
	const fits = (job) => job.id >= oldest
		&& (!filter.slot || job.slot === filter.slot) && (!filter.state || job.state === filter.state);
	return [...state.jobs.values()].filter(fits).sort((a, b) => b.id - a.id);
}

function filters() {
	return h("form", { class: "filters", role: "search", "aria-label": "Filter jobs" },
		choice("Slot", "slot", state.slots.map((slot) => slot.name)),
		choice("State", "state", STATES));
}

function choice(name, key, values) {
	const change = (e) => { location.hash = `#/jobs${query({ ...filter, [key]: e.target.value })}`; };
	const known = !filter[key] || values.includes(filter[key]) ? values : [...values, filter[key]];
	return field(name, h("select", { on: { change }, prop: { value: filter[key] } },
		h("option", { value: "" }, "All"),
		known.map((value) => h("option", { value }, value))));
}

function nothing() {
	if (oldest === Infinity) return empty(h("p", null, "Asking the rig…"));
	if (filter.slot || filter.state) return empty(h("p", null, "No job fits."), h("p", null, h("a", { href: "#/jobs" }, "Show all")));
	return empty(h("p", null, "Nothing has been done yet."), h("p", null, h("a", { href: "#/bench" }, "Start a backup on the bench")));
}

const COLUMNS = [["Job", "main"], ["Slot"], ["State", "side"], ["Outcome", "wide"], ["Began", "date"], ["Took", "num"]];

function row(job) {
	return {
		key: `job-${job.id}`,
		cells: [
			h("a", { class: "strong", href: `#/jobs/${job.id}` }, f.typeName(job.type), " ", h("span", { class: "muted" }, `#${job.id}`)),
			job.slot ?? "–",
			pill(job.state),
			outcome(job),
			time(job.started_at ?? job.created_at),
			took(job) ?? "–",
		],
	};
}

function outcome(job) {
	if (job.state === "running") {
		const p = job.progress;
		const far = percent(job) || (p?.unit === "attempts" ? `attempt ${p.done}` : "");
		return h("span", { class: "muted" }, phaseWords(job.phase), far && ` · ${far}`);
	}
	if (job.state === "queued") return h("span", { class: "muted" }, "waiting for the slot");
	if (job.state === "cancelled") return h("span", { class: "muted" }, "on request");
	if (job.error) return h("span", { title: job.error.message }, f.errorTitle(job.error.code));
	const r = job.result ?? {};
	return [chipName(r.chip), r.crc32 && [" · ", mono(r.crc32)]];
}

// ---- one job

const LOG_EVERY_MS = 1000;
let one = { id: null, missing: null, log: "", timer: null };

export const job = {
	title: (id) => `Job ${id}`,
	async open(id) {
		clearTimeout(one.timer);
		one = { id: Number(id), missing: null, log: "", timer: null };
		await job.refresh();
	},
	close: () => clearTimeout(one.timer),
	async refresh() {
		const mine = one;
		try {
			learnJob(await get(`/jobs/${mine.id}`));
			mine.missing = null;
		} catch (error) {
			if (error.status === 404) mine.missing = error;
		}
		await readLog(mine);
	},
	heard(kind, value) {
		if (kind === "job" && value.id === one.id) readLogSoon();
	},
	render() {
		const it = state.jobs.get(one.id);
		if (one.missing) return [back(), h("h1", { tabindex: "-1" }, `Job #${one.id}`), finding(one.missing, { title: "There is no such job" })];
		if (!it) return [back(), h("h1", { tabindex: "-1" }, `Job #${one.id}`), empty(h("p", null, "Asking the rig…"))];
		return [back(), title(it), body(it)];
	},
};

/* At most one request a second while events come in, and one after the last. */
function readLogSoon() {
	const mine = one;
	mine.timer ??= setTimeout(async () => {
		await readLog(mine);
		mine.timer = null;
	}, LOG_EVERY_MS);
}

async function readLog(mine) {
	const text = await get(`/jobs/${mine.id}/log`).catch(() => null);
	if (text == null || mine !== one) return;
	mine.log = text;
	job.changed?.();
}

function back() {
	return h("nav", { class: "back", "aria-label": "Up" }, h("a", { href: "#/jobs" }, "← Jobs"));
}

function title(it) {
	return h("div", { class: "head" },
		h("h1", { tabindex: "-1" }, f.typeName(it.type), it.slot && [" of ", it.slot], " ", h("span", { class: "muted" }, `#${it.id}`)),
		h("div", { class: "actions" }, pill(it.state), !ended(it) && cancelButton(it)));
}

function body(it) {
	return h("div", { class: "columns" },
		h("div", { class: "stack" },
			it.state === "running" && h("section", { class: "card" }, running(it)),
			ended(it) && it.state !== "done" && jobFinding(it),
			it.result && Object.keys(it.result).length > 0 && resultCard(it),
			h("section", { class: "card", "aria-labelledby": "about" }, h("h2", { id: "about" }, "About"), about(it))),
		logCard(it));
}

function about(it) {
	return facts([
		["Slot", it.slot],
		["Batch", it.batch != null ? `#${it.batch}` : null],
		["Created", moment(it.created_at)],
		["Started", moment(it.started_at)],
		["Finished", moment(it.finished_at)],
		[it.finished_at ? "Took" : "Runs for", took(it)],
		["Error code", mono(it.error?.code)],
	], "facts list");
}

function resultCard(it) {
	const r = it.result;
	return h("section", { class: "card result", "aria-labelledby": "result" },
		h("div", { class: "jobline" }, h("h2", { id: "result" }, "Result"), verifiedBadge(r.verified)),
		facts(resultFacts(r), "facts list"),
		r.dump != null && h("div", { class: "actions" }, downloadLink(r.dump),
			h("a", { class: "button plain", href: `#/dumps/${r.dump}` }, `Dump #${r.dump}`)));
}

/* How each known member reads; what is not in here is shown as it came. */
const RESULT = {
	chip: ["Chip", chipName],
	jedec_id: ["JEDEC ID", mono],
	unique_id: ["Unique ID", mono],
	size: ["Size", (n) => `${f.bytes(n)} (${f.hex(n)})`],
	offset: ["Offset", (n) => (n ? mono(f.hex(n)) : null)],
	crc32: ["CRC-32", mono],
	sha256: ["SHA-256", (v) => hash(v)],
	device: ["Device", (n) => `#${n}`],
	entry: ["Entry", entryWords],
	reads: ["Passes", String],
	spi_hz: ["Clock", f.hertz],
	wire: ["On the wire", wireWords],
	status: ["Status registers", mono],
	sfdp: ["SFDP", String],
	erased: ["Erased", f.bytes],
	programmed: ["Programmed", f.bytes],
	skipped: ["Already right", f.bytes],
	backup: ["Way back", (n) => h("a", { href: `#/dumps/${n}` }, `Dump #${n}`)],
	simulated_ms: ["Simulated time", f.lasting],
	dump: null,
	verified: null,
};

function resultFacts(r) {
	const known = Object.entries(RESULT)
		.filter(([key, how]) => how && r[key] != null)
		.map(([key, [name, show]]) => [name, show(r[key])]);
	const rest = Object.entries(r)
		.filter(([key, value]) => !(key in RESULT) && value != null)
		.map(([key, value]) => [key, mono(typeof value === "object" ? JSON.stringify(value) : String(value))]);
	return [...known, ...rest];
}

function entryWords({ attempts, ms, params }) {
	return [
		attempts > 0 && f.count(attempts, "attempt"), ms != null && ` in ${f.lasting(ms)}`,
		params && h("small", { class: "muted block" }, typeof params === "object" ? JSON.stringify(params) : params),
	];
}

function wireWords({ bytes, transactions, ms }) {
	return [
		bytes != null && f.bytes(bytes), transactions != null && ` in ${f.count(transactions, "message")}`,
		ms != null && `, ${f.lasting(ms)}`,
	];
}

function logCard(it) {
	return h("section", { class: "card log", "aria-labelledby": "log" },
		h("div", { class: "jobline" }, h("h2", { id: "log" }, "Log"),
			h("a", { class: "small-link push", href: `${ROOT}/jobs/${it.id}/log`, target: "_blank", rel: "noopener" }, "Plain text")),
		h("pre", { tabindex: "0", "aria-labelledby": "log" }, one.log || (ended(it) ? "Nothing was logged." : "Nothing yet.")));
}
