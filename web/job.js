// One job: its steps as a time line, what came of it, its log, and the ways out of trouble.

import { ROOT, get, getIfThere } from "./api.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import { absent, heading, section, up } from "./frame.js";
import {
	cancelButton, canResume, chipName, damages, deviceLink, downloadLink, dumpLink, facts, hash, jobFinding, jobLink, moment,
	mono, needs, pill, resumeButton, running, startJob, took, verifiedBadge, whileBusy,
} from "./parts.js";
import { pins } from "./pins.js";
import { ended, learnJob, slotNamed, state } from "./store.js";
import { askRestore } from "./tasks.js";

const LOG_EVERY_MS = 1000;
let one = { id: null, missing: null, log: "", bootlog: null, timer: null };

export const job = {
	title: (id) => `Job ${id}`,
	async open(id) {
		clearTimeout(one.timer);
		one = { id: Number(id), missing: null, log: "", bootlog: null, timer: null };
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
		if (one.missing || !it) return [back(), absent("Job", one.id, one.missing)];
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
	if (state.jobs.get(mine.id)?.type === "bootlog") mine.bootlog = await getIfThere(`/jobs/${mine.id}/bootlog`).catch(() => null);
	job.changed?.();
}

function back() {
	return up("#/jobs", "Jobs");
}

function title(it) {
	return h("div", { class: "head" },
		heading([f.typeName(it.type), it.slot && [" of ", it.slot]], `#${it.id}`),
		h("div", { class: "actions" }, pill(it.state), ended(it) ? endedButtons(it) : cancelButton(it)));
}

function endedButtons(it) {
	const slot = slotNamed(it.slot);
	const backup = it.result?.backup;
	const again = async () => {
		const job = await startJob({ type: it.type, slot: it.slot, ...it.request });
		if (job) location.hash = `#/jobs/${job.id}`;
	};
	return [
		canResume(it) && resumeButton(it),
		canResume(it) && slot && backup != null && h("button", needs("operate", {
			type: "button", class: "small", on: { click: () => askRestore(slot, backup) },
		}), "Restore the backup…"),
		slot && READERS.has(it.type) && h("button", needs("operate", {
			type: "button", class: "small", on: { click: (e) => whileBusy(e.currentTarget, again) },
		}), "Once more"),
	];
}

const READERS = new Set(["backup", "identify", "verify", "blank-check", "bootlog"]); // what may be repeated without asking

function body(it) {
	return h("div", { class: "columns" },
		h("div", { class: "stack" },
			it.state === "running" && h("section", { class: "card" }, running(it)),
			ended(it) && it.state !== "done" && jobFinding(it),
			ended(it) && drawing(it),
			timeLine(it),
			it.result && Object.keys(it.result).length > 0 && resultCard(it),
			section("About", about(it))),
		h("div", { class: "stack" }, one.bootlog != null && bootCard(it), logCard(it)));
}

function drawing(it) {
	const picture = pins(it.result?.entry?.finding);
	return picture && h("section", { class: "card", "aria-label": "Wiring" }, picture);
}

/* The steps as the log has them, each as long as it took. */
function timeLine(it) {
	const steps = [...one.log.matchAll(/^\S+ {2}([a-z][a-z -]*): done in (\d+) ms$/gm)].map(([, name, ms]) => ({ name, ms: Number(ms) }));
	if (!steps.length) return null;
	const all = steps.reduce((sum, step) => sum + step.ms, 0) || 1;
	const last = it.state === "running" ? it.phase : it.state === "done" ? null : stoppedAt(it);
	return section("Steps",
		h("ol", { class: "spans" },
			steps.map((step) => h("li", null, h("span", null, f.cap(step.name)),
				h("span", { class: "span", prop: { style: `--part: ${(step.ms / all).toFixed(4)}` } }), h("span", { class: "num" }, f.lasting(step.ms)))),
			last && !steps.some((step) => step.name === last) && h("li", { "data-tone": it.state === "running" ? "busy" : "bad" },
				h("span", null, f.cap(last)), h("span", { class: "span" }), h("span", { class: "num" }, it.state === "running" ? "now" : it.state))));
}

/* The step that an error names first. */
function stoppedAt(it) {
	return /^([a-z][a-z -]*): /.exec(it.error?.message ?? "")?.[1] ?? null;
}

function bootCard(it) {
	return h("section", { class: "card log", "aria-labelledby": "boot" },
		h("div", { class: "jobline" }, h("h2", { id: "boot" }, "Boot log"),
			h("a", { class: "small-link push", href: `${ROOT}/jobs/${it.id}/bootlog`, download: true }, "Download")),
		h("pre", { tabindex: "0", "aria-labelledby": "boot" }, one.bootlog || "The board said nothing."));
}

function about(it) {
	return facts([
		["Slot", it.slot],
		["Batch", it.batch != null ? h("a", { href: `#/batches/${it.batch}` }, `#${it.batch}`) : null],
		["Resumes", it.resumes != null ? jobLink(it.resumes) : null],
		["Asked for", asked(it.request)],
		["Created", moment(it.created_at)],
		["Started", moment(it.started_at)],
		["Finished", moment(it.finished_at)],
		[it.finished_at ? "Took" : "Runs for", took(it)],
		["Error code", mono(it.error?.code)],
	], "facts list");
}

const ASKED = {
	image: (id) => ["image ", h("a", { href: `#/images/${id}` }, `#${id}`)],
	dump: (id) => ["dump ", dumpLink(id, `#${id}`)],
	offset: (n) => ["from ", mono(typeof n === "number" ? f.hex(n) : n)],
	length: (n) => ["length ", mono(typeof n === "number" ? f.hex(n) : n)],
};

function asked(request) {
	const list = Object.entries(request ?? {});
	if (!list.length) return null;
	return list.map(([name, value], i) => [i > 0 && ", ", ASKED[name]?.(value) ?? `${name.replace("_", " ")} ${typeof value === "object" ? JSON.stringify(value) : value}`]);
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
	device: ["Device", (n) => deviceLink(n)],
	entry: ["Entry", entryWords],
	reads: ["Passes", String],
	spi_hz: ["Clock", f.hertz],
	wire: ["On the wire", wireWords],
	status: ["Status registers", mono],
	sfdp: ["SFDP", String],
	erased: ["Erased", f.bytes],
	programmed: ["Programmed", f.bytes],
	skipped: ["Already right", f.bytes],
	backup: ["Way back", (n) => dumpLink(n)],
	simulated_ms: ["Simulated time", f.lasting],
	loader: ["UART loader", f.cap],
	baud: ["UART rate", (n) => `${n.toLocaleString("en")} baud`],
	beken_crc32: ["Beken CRC", mono],
	note: ["Note", String],
	checked: ["Dumps checked", String],
	damages: ["Damaged places", String],
	damaged: ["Damage", (list) => (list.length ? damages(list) : null)],
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
		params?.hz && h("small", { class: "muted block" },
			`CEN low ${f.lasting(params.cen_low_us / 1000)}, pause ${f.lasting(params.pause_us / 1000)}, ${params.train} x D2 at ${f.hertz(params.hz)}, mode ${params.mode}`),
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
