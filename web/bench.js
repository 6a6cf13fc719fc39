// The bench: a card for each slot. What is in it, what it does, what came out of it.

import { getIfThere, post } from "./api.js";
import { h, icon } from "./dom.js";
import { dropping } from "./drop.js";
import * as f from "./format.js";
import { asking } from "./frame.js";
import {
	act, badge, cancelButton, canResume, chooseTransport, deviceLink, downloadLink, dumpLink, effort, empty, facts, finding,
	hasChoice, hash, jobFinding, may, mono, needs, pill, resumeButton, running, slotLink, time, transportOf, verifiedBadge,
	whileBusy,
} from "./parts.js";
import { pins } from "./pins.js";
import { askDevice, lastEndedIn, occupant, runningIn, state } from "./store.js";
import { askBackup, askBatch, askBlank, askBootlog, askErase, askRestore, askVerify, askWrite, start } from "./tasks.js";

let config = null; // as the daemon sees it: names the lines of a slot

export const bench = {
	title: () => "Bench",
	async open() {
		config ??= await getIfThere("/config").catch(() => null);
	},
	render() {
		if (!state.loaded) return [head(), asking()];
		if (!state.slots.length) return [head(), noSlots()];
		return [head(), h("div", { class: "cards" }, state.slots.map((slot) => card(slot)))];
	},
};

function head() {
	const busy = state.slots.filter((slot) => slot.state === "busy").length;
	return h("div", { class: "head" },
		h("h1", { tabindex: "-1" }, "Bench ", h("span", { class: "muted" },
			state.loaded && `${f.count(state.slots.length, "slot")}${busy ? `, ${busy} busy` : ""}`)),
		state.slots.length > 0 && h("button", needs("operate", { type: "button", on: { click: () => askBatch() } }), "New batch…"));
}

function noSlots() {
	return empty(
		h("p", null, "This rig has no slots yet."),
		h("p", { class: "muted" }, "Describe one in ", h("code", null, "/etc/flashrig/flashrig.conf"), " and start the daemon again."));
}

export function card(slot) {
	const id = `slot-${slot.name}`;
	const take = (files) => askWrite(slot, files[0]);
	return h("article", {
		class: "card", key: slot.name, "data-slot": slot.name, "data-state": slot.state, "aria-labelledby": id,
		on: may("operate") ? dropping(take) : {},
	},
		h("header", null,
			h("div", null,
				h("h2", { id }, h("a", { class: "strong", href: slotLink(slot) }, slot.name)),
				h("p", { class: "muted" }, f.targetName(slot.target), " · ", f.boardName(slot.board))),
			h("div", { class: "right" }, pill(slot.state), queued(slot))),
		content(slot),
		h("div", { class: "panel" }, panel(slot)),
		actions(slot));
}

function queued(slot) {
	if (!slot.queued) return null;
	return h("a", { class: "small-link", href: `#/jobs?slot=${encodeURIComponent(slot.name)}&state=queued` }, `${slot.queued} queued`);
}

function content(slot) {
	const it = occupant(slot);
	if (!it) return h("p", { class: "nothing" }, "No chip seen in this slot yet");
	const { chip, device } = it;
	const backup = state.backups.get(device);
	if (device != null && backup === undefined) askDevice(device);
	return facts([
		[slot.chip ? "Device" : "Last device here", device == null ? "not known yet" : [deviceLink(device), it.guessed && guess(chip)]],
		["Chip", [h("span", null, chip.name ?? "unknown"), " ", h("code", { class: "muted" }, chip.jedec_id)]],
		["Size", f.bytes(chip.size)],
		["Last backup", device == null ? "not known" : lastBackup(backup)],
	], "facts strip");
}

function lastBackup(dump) {
	if (dump === undefined) return "…"; // not asked yet
	return dump ? h("a", { href: `#/dumps/${dump.id}` }, time(dump.created_at)) : "none";
}

function guess(chip) {
	return h("span", { class: "muted", title: `The last job met a chip ${chip.jedec_id} that does not say which one it is; so did the job that knew this device. A backup tells.` }, " probably");
}

/* The one thing to say about a slot: the job that runs, else how the last one ended. */
function panel(slot) {
	const job = runningIn(slot.name) ?? lastEndedIn(slot.name);
	return [watching(slot), partial(slot, job), mainPanel(slot, job)];
}

function mainPanel(slot, job) {
	if (job?.state === "running") return runningPanel(job);
	if (slot.state === "offline" && slot.last_error) return finding(slot.last_error, { title: "Offline" });
	if (job) return endedPanel(slot, job);
	if (slot.last_error) return finding(slot.last_error);
	return h("p", { class: "muted calm" }, "Ready. A backup reads the whole chip twice and archives it; an image dropped here is written after it.");
}

function watching({ hands_free: it }) {
	if (!it) return null;
	return h("p", { class: "note" }, h("a", { href: `#/hands-free/${it.batch}` }, "Hands-free"), ` · ${f.count(it.boards, "board")} done`);
}

/* A write that began and did not end: the two ways out of it, unless the panel below offers them. */
function partial(slot, job) {
	const half = state.devices.get(occupant(slot)?.device)?.partial;
	if (!half || job?.state === "running" || (job && canResume(job) && job.result?.backup)) return null;
	return h("div", { class: "finding", "data-tone": "warn" },
		h("strong", null, "A write to this device did not come to its end"),
		h("p", null, "Since ", time(half.since), " it may be half old, half new."),
		h("div", { class: "actions" },
			h("a", { class: "button small", href: `#/jobs/${half.job}` }, `Job #${half.job}`),
			half.backup != null && restoreButton(slot, half.backup)));
}

function restoreButton(slot, dump) {
	return h("button", needs("operate", {
		type: "button", class: "small", on: { click: () => askRestore(slot, dump) },
	}), `Restore dump #${dump}…`);
}

function jobLine(job, ...more) {
	return h("div", { class: "jobline" },
		h("a", { href: `#/jobs/${job.id}` }, f.typeName(job.type), " ", h("span", { class: "muted" }, `#${job.id}`)),
		...more);
}

function runningPanel(job) {
	return h("section", { key: `run-${job.id}`, "aria-label": "Running job" }, jobLine(job, cancelButton(job)), running(job));
}

function endedPanel(slot, job) {
	const key = `end-${job.id}`;
	const line = jobLine(job, job.state === "done" && doneBadge(job), h("span", { class: "muted push" }, time(job.finished_at)));
	if (job.state === "done") return h("section", { key, class: "result", "aria-label": "Last job" }, line, result(job));
	return h("section", { key, "aria-label": "Last job" }, line, jobFinding(job), wiring(slot, job), wayOut(slot, job));
}

function doneBadge(job) {
	if (job.result?.verified != null) return verifiedBadge(job.result.verified);
	return badge("ok", "check", "Done");
}

function wiring(slot, job) {
	return pins(job.result?.entry?.finding, config?.slots?.find((it) => it.name === slot.name)?.cen);
}

function wayOut(slot, job) {
	const { backup, dump } = job.result ?? {};
	if (!canResume(job) && dump == null) return null;
	return h("div", { class: "actions" },
		canResume(job) && resumeButton(job),
		canResume(job) && backup != null && restoreButton(slot, backup),
		dump != null && h("a", { class: "button small plain", href: `#/dumps/${dump}` }, `What was read: dump #${dump}`));
}

function result(job) {
	const r = job.result ?? {};
	const changed = r.programmed != null || r.erased != null;
	return [
		facts([
			["CRC-32", mono(r.crc32)],
			["SHA-256", hash(r.sha256, { short: true })],
			["Unique ID", r.sha256 ? null : mono(r.unique_id)],
			["SFDP", r.sha256 ? null : r.sfdp],
			["Programmed", changed ? f.bytes(r.programmed ?? 0) : null],
			["Already right", changed ? f.bytes(r.skipped ?? 0) : null],
			["Way back", r.backup != null ? dumpLink(r.backup) : null],
		], "facts sums"),
		h("p", { class: "muted" }, `Done${effort(job) ? ` in ${effort(job)}` : ""}`),
		r.dump != null && h("div", { class: "actions" },
			downloadLink(r.dump, `Download${r.size ? ` ${f.bytes(r.size)}` : ""}`),
			h("a", { class: "button plain", href: `#/dumps/${r.dump}` }, `Dump #${r.dump}`)),
	];
}

// ---- what can be pressed

function actions(slot) {
	const now = (type) => (e) => whileBusy(e.currentTarget, () => start(slot, type));
	const ask = (fn) => () => fn(slot);
	const reset = (e) => whileBusy(e.currentTarget, () => act(() => post(`/slots/${encodeURIComponent(slot.name)}/reset`)));
	return h("footer", null,
		h("div", { class: "actions" },
			h("div", { class: "joined" },
				button(slot, "Backup", now("backup"), { class: "primary", title: slot.state === "busy" ? "Joins the queue of this slot" : null }),
				h("button", needs("operate", { type: "button", class: "primary icon-only", "aria-label": `Backup ${slot.name} with a label`, title: "Backup with a label, or of a part", on: { click: ask(askBackup) } }), icon("tag"))),
			button(slot, "Write", ask(askWrite), {}, "Write…"),
			hasChoice(slot) && wires(slot)),
		h("div", { class: "tools", role: "group", "aria-label": `More for ${slot.name}` },
			button(slot, "Verify", ask(askVerify)), button(slot, "Restore", ask(askRestore)), button(slot, "Erase", ask(askErase)),
			button(slot, "Identify", now("identify")), button(slot, "Blank check", ask(askBlank)),
			slot.log && state.hasLog && button(slot, "Boot log", ask(askBootlog)),
			slot.cen && button(slot, "Reset", reset, { disabled: slot.state !== "idle", title: "Pulse CEN: the board starts anew" })));
}

function button(slot, name, click, attrs, words = name) {
	return h("button", needs("operate", { type: "button", "aria-label": `${name} ${slot.name}`, on: { click }, ...attrs }), words);
}

/* Which wires the next job goes over. */
function wires(slot) {
	const change = (e) => {
		chooseTransport(slot, e.target.value);
		bench.changed?.();
	};
	return h("label", { class: "field wires push" }, h("span", null, "over"),
		h("select", { "aria-label": `Wires for ${slot.name}`, on: { change }, prop: { value: transportOf(slot) } },
			slot.transports.map((it) => h("option", { value: it }, it.toUpperCase()))));
}
