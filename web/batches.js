// Batches: many slots at once, a row per board.

import { ROOT, get, post, query } from "./api.js";
import { h, icon } from "./dom.js";
import * as f from "./format.js";
import { absent, heading, older, up } from "./frame.js";
import { JOB_COLUMNS, jobRow, jobTabs } from "./jobs.js";
import { act, announce, empty, facts, moment, named, needs, pill, table, time, whileBusy } from "./parts.js";
import { batchAnswers, jobsThat, learnJob, state } from "./store.js";
import { askBatch } from "./tasks.js";

const PAGE = 25;
let ids = [];
let next = null;
let loaded = false;

export const batches = {
	title: () => "Batches",
	open: () => load(),
	refresh: () => load(),
	heard(kind, batch) {
		if (kind === "batch" && !ids.includes(batch.id)) ids = [batch.id, ...ids];
	},
	render() {
		const list = ids.map((id) => state.batches.get(id)).filter(Boolean);
		return [
			h("div", { class: "head" }, heading("Batches"), jobTabs("#/batches"),
				h("button", needs("operate", { type: "button", class: "primary", on: { click: () => askBatch() } }), "New batch…")),
			list.length ? table("Batches", COLUMNS, list.map(row))
				: empty(h("p", null, loaded ? "No batch has run yet." : "Asking the rig…"), h("p", { class: "muted" }, "A batch does the same to many slots; one that fails stops no other.")),
			next != null && older("Older batches", () => load(next).then(batches.changed)),
		];
	},
};

async function load(before) {
	const take = batchAnswers();
	const page = await act(() => get(`/batches${query({ limit: PAGE, before })}`));
	if (!page) return;
	page.batches.forEach(take);
	ids = [...(before == null ? [] : ids), ...page.batches.map((it) => it.id)];
	next = page.next;
	loaded = true;
}

const COLUMNS = [["Batch", "main"], ["Slots", "chip"], ["State", "side"], ["Boards", "wide"], ["Began", "date"]];

function row(it) {
	return {
		key: `batch-${it.id}`,
		cells: [
			named(`#/batches/${it.id}`, it.label || f.typeName(it.type), it.id),
			(it.slots ?? []).join(", "), pill(it.state), sums(it), time(it.created_at),
		],
	};
}

const SUMS = [["done", "ok"], ["failed", "bad"], ["interrupted", "warn"], ["cancelled", "off"], ["running", "busy"], ["queued", "off"]];

/* "3 done, 1 failed": each with the face of its state. */
function sums(it) {
	const shown = SUMS.filter(([name]) => it[name] > 0);
	if (!shown.length) return h("span", { class: "muted" }, it.hands_free ? "waiting for boards" : "–");
	return h("span", { class: "sumline" }, shown.map(([name, tone]) => h("span", { class: "badge", "data-tone": tone }, `${it[name]} ${name}`)));
}

// ---- one batch

let one = { id: null, missing: null };

export const batch = {
	title: (id) => `Batch ${id}`,
	async open(id) {
		one = { id: Number(id), missing: null };
		await batch.refresh();
	},
	async refresh() {
		const mine = one;
		try {
			const take = batchAnswers();
			take(await get(`/batches/${mine.id}`));
			(await get(`/jobs${query({ batch: mine.id, limit: 200 })}`)).jobs.forEach(learnJob);
			mine.missing = null;
		} catch (error) {
			mine.missing = error;
		}
	},
	render() {
		const it = state.batches.get(one.id);
		const back = up("#/batches", "Batches");
		if (!it) return [back, absent("Batch", one.id, one.missing)];
		const jobs = jobsThat((job) => job.batch === it.id);
		return [
			back, title(it), sums(it), meter(it), about(it),
			jobs.length ? table("Boards", JOB_COLUMNS, jobs.map(jobRow)) : empty(h("p", null, "Put the first board in.")),
		];
	},
};

function title(it) {
	const ask = (what, done) => (e) => whileBusy(e.currentTarget, async () => {
		const answer = await act(() => post(`/batches/${it.id}/${what}`));
		if (answer != null) announce(done);
		if (what === "run" && answer) location.hash = `#/batches/${answer.id}`;
		else await batch.refresh();
		batch.changed?.();
	});
	const button = (words, fn, attrs) => h("button", needs("operate", { type: "button", on: { click: fn }, ...attrs }), words);
	const runs = it.state === "running";
	return h("div", { class: "head" },
		heading(it.label || f.typeName(it.type), `#${it.id}`),
		h("div", { class: "actions" }, pill(it.state),
			it.hands_free && runs && h("a", { class: "button primary", href: `#/hands-free/${it.id}` }, "Hands-free view"),
			it.hands_free && runs && button("Finish", ask("finish", "No more boards are taken"), { title: "No more boards; what runs goes on" }),
			runs && button("Cancel all", ask("cancel", "Cancelled")),
			!runs && button("Run again", ask("run", "Started")),
			h("a", { class: "button", href: `${ROOT}/batches/${it.id}/report?format=csv`, download: `batch-${it.id}.csv` }, icon("download"), "Report (CSV)"),
			h("a", { class: "button plain", href: `${ROOT}/batches/${it.id}/report?format=json`, target: "_blank", rel: "noopener" }, "JSON")));
}

function meter(it) {
	if (it.state !== "running" || !it.total) return null;
	const ended = it.total - it.queued - it.running;
	return h("progress", { max: it.total, value: ended, "aria-label": `${ended} of ${it.total} boards` });
}

function about(it) {
	return h("section", { class: "card", "aria-label": "About" }, facts([
		["What", f.typeName(it.type)], ["Slots", it.slots?.join(", ")], ["Began", moment(it.created_at)], ["Ended", moment(it.finished_at)],
		["Image", it.request?.image != null ? h("a", { href: `#/images/${it.request.image}` }, `#${it.request.image}`) : null],
		["Again of", it.again_of != null ? h("a", { href: `#/batches/${it.again_of}` }, `#${it.again_of}`) : null],
	], "facts sums"));
}
