// Jobs: the list, live and filtered.

import { get, query } from "./api.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import { asking, heading, older, subtabs } from "./frame.js";
import {
	act, cancelButton, chipName, empty, field, may, mono, named, percent, phaseWords, pill, table, time, took,
} from "./parts.js";
import { ended, jobsThat, learnJob, state } from "./store.js";

const PAGE = 25;
const STATES = ["queued", "running", "done", "failed", "cancelled", "interrupted"];
const TYPES = ["backup", "identify", "verify", "write", "restore", "erase", "blank-check", "bootlog", "check"];

// ---- the list: what the filter lets through, down to the oldest one that was asked for

let filter = {};
let oldest = Infinity;
let next = null;
let asked = 0; // counts loads, so that a late answer to an old question is dropped

export const jobs = {
	title: () => "Jobs",
	open(_, params) {
		filter = { slot: params.get("slot") ?? "", state: params.get("state") ?? "", type: params.get("type") ?? "" };
		return load();
	},
	refresh: () => load(),
	render() {
		const list = shown();
		return [
			h("div", { class: "head" }, heading("Jobs"), jobTabs("#/jobs"), filters()),
			list.length ? table("Jobs", JOB_COLUMNS, list.map(jobRow)) : nothing(),
			next != null && older("Older jobs", () => load(next).then(() => jobs.changed?.())),
		];
	},
};

export function jobTabs(here) {
	return subtabs(here, ["#/jobs", "Jobs"], ["#/batches", "Batches"]);
}

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
		&& ["slot", "state", "type"].every((key) => !filter[key] || job[key] === filter[key]);
	return jobsThat(fits);
}

function filters() {
	return h("form", { class: "filters", role: "search", "aria-label": "Filter jobs" },
		choice("Slot", "slot", state.slots.map((slot) => slot.name)),
		choice("State", "state", STATES),
		choice("Type", "type", TYPES));
}

function choice(name, key, values) {
	const change = (e) => { location.hash = `#/jobs${query({ ...filter, [key]: e.target.value })}`; };
	const known = !filter[key] || values.includes(filter[key]) ? values : [...values, filter[key]];
	return field(name, h("select", { on: { change }, prop: { value: filter[key] } },
		h("option", { value: "" }, "All"),
		known.map((value) => h("option", { value }, value))));
}

function nothing() {
	if (oldest === Infinity) return asking();
	if (filter.slot || filter.state || filter.type) return empty(h("p", null, "No job fits."), h("p", null, h("a", { href: "#/jobs" }, "Show all")));
	return empty(h("p", null, "Nothing has been done yet."), h("p", null, h("a", { href: "#/bench" }, "Start a backup on the bench")));
}

export const JOB_COLUMNS = [["Job", "main"], ["Slot"], ["State", "side"], ["Outcome", "wide"], ["Began", "date"], ["Took", "num"], ["", "get"]];

export function jobRow(job) {
	return {
		key: `job-${job.id}`,
		cells: [
			named(`#/jobs/${job.id}`, f.typeName(job.type), job.id),
			job.slot ?? "–",
			pill(job.state),
			outcome(job),
			time(job.started_at ?? job.created_at),
			took(job) ?? "–",
			!ended(job) && may("operate") ? cancelButton(job) : "",
		],
	};
}

export function outcome(job) {
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
