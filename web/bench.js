// The bench: a card for each slot. What is in it, what it does, what came out of it.

import { post } from "./api.js";
import { h, icon } from "./dom.js";
import * as f from "./format.js";
import {
	act, cancelButton, downloadLink, effort, empty, facts, finding, hash, jobFinding, mono, needs, pill,
	running, startJob, time, verifiedBadge, whileBusy,
} from "./parts.js";
import { lastBackupIn, lastEndedIn, runningIn, state } from "./store.js";

export const bench = {
	title: () => "Bench",
	render() {
		if (!state.loaded) return [heading(), empty(h("p", null, "Asking the rig…"))];
		if (!state.slots.length) return [heading(), noSlots()];
		return [heading(), h("div", { class: "cards" }, state.slots.map(card))];
	},
};

function heading() {
	return h("h1", { class: "unseen", tabindex: "-1" }, "Bench");
}

function noSlots() {
	return empty(
		h("p", null, "This rig has no slots yet."),
		h("p", { class: "muted" }, "Describe one in ", h("code", null, "/etc/flashrig/flashrig.conf"), " and start the daemon again."));
}

function card(slot) {
	const id = `slot-${slot.name}`;
	return h("article", { class: "card", key: slot.name, "data-slot": slot.name, "data-state": slot.state, "aria-labelledby": id },
		h("header", null,
			h("div", null,
				h("h2", { id }, slot.name),
				h("p", { class: "muted" }, f.targetName(slot.target), " · ", f.boardName(slot.board))),
			h("div", { class: "right" }, pill(slot.state), queued(slot))),
		content(slot),
		h("div", { class: "panel" }, panel(slot)),
		lastBackup(slot),
		actions(slot));
}

function queued(slot) {
	if (!slot.queued) return null;
	return h("a", { class: "small-link", href: `#/jobs?slot=${encodeURIComponent(slot.name)}&state=queued` }, `${slot.queued} queued`);
}

function content({ chip, device }) {
	if (!chip) return h("p", { class: "nothing" }, "No chip seen in this slot yet");
	return facts([
		["Chip", chip.name ?? "unknown"],
		["JEDEC ID", mono(chip.jedec_id)],
		["Size", chip.size ? f.bytes(chip.size) : null],
		["Device", device != null ? `#${device}` : "not known yet"],
	], "facts strip");
}

/* The one thing to say about a slot: the job that runs, else how the last one ended. */
function panel(slot) {
	const job = runningIn(slot.name) ?? lastEndedIn(slot.name);
	if (job?.state === "running") return runningPanel(job);
	if (slot.state === "offline" && slot.last_error) return finding(slot.last_error, { title: "Offline" });
	if (job) return endedPanel(job);
	if (slot.last_error) return finding(slot.last_error);
	return h("p", { class: "muted calm" }, "Ready. A backup reads the whole chip twice and archives it.");
}

function jobLine(job, ...more) {
	return h("div", { class: "jobline" },
		h("a", { href: `#/jobs/${job.id}` }, f.typeName(job.type), " ", h("span", { class: "muted" }, `#${job.id}`)),
		...more);
}

function runningPanel(job) {
	return h("section", { key: `run-${job.id}`, "aria-label": "Running job" }, jobLine(job, cancelButton(job)), running(job));
}

function endedPanel(job) {
	const key = `end-${job.id}`;
	const line = jobLine(job, job.state === "done" && verifiedBadge(job.result?.verified),
		h("span", { class: "muted push" }, time(job.finished_at)));
	if (job.state !== "done") return h("section", { key, "aria-label": "Last job" }, line, jobFinding(job));
	return h("section", { key, class: "result", "aria-label": "Last job" }, line, result(job));
}

function result(job) {
	const r = job.result ?? {};
	return [
		facts([
			["CRC-32", mono(r.crc32)],
			["SHA-256", hash(r.sha256, { short: true })],
			["Unique ID", r.sha256 ? null : mono(r.unique_id)],
			["SFDP", r.sha256 ? null : r.sfdp],
		], "facts sums"),
		h("p", { class: "muted" }, `Done${effort(job) ? ` in ${effort(job)}` : ""}`),
		r.dump != null && h("div", { class: "actions" },
			downloadLink(r.dump, `Download${r.size ? ` ${f.bytes(r.size)}` : ""}`),
			h("a", { class: "button plain", href: `#/dumps/${r.dump}` }, `Dump #${r.dump}`)),
	];
}

/* Where the last good backup is, once another job has taken its place above. */
function lastBackup(slot) {
	const job = lastBackupIn(slot.name);
	if (!job || (!runningIn(slot.name) && lastEndedIn(slot.name) === job)) return null;
	return h("p", { class: "last muted" }, "Last backup",
		h("a", { href: `#/dumps/${job.result.dump}` }, `Dump #${job.result.dump}`), time(job.finished_at),
		verifiedBadge(job.result.verified));
}

function actions(slot) {
	const start = (type, more) => (e) =>
		whileBusy(e.currentTarget, () => startJob({ type, slot: slot.name, ...more }));
	const busy = slot.state === "busy";
	return h("footer", { class: "actions" },
		h("div", { class: "joined" },
			h("button", needs("operate", { type: "button", class: "primary", "aria-label": `Backup ${slot.name}`, title: busy ? "Joins the queue of this slot" : null, on: { click: start("backup") } }), "Backup"),
			h("button", needs("operate", { type: "button", class: "primary icon-only", "aria-label": `Backup ${slot.name} with a label`, title: "Backup with a label", on: { click: () => askLabel(slot) } }), icon("tag"))),
		h("button", needs("operate", { type: "button", "aria-label": `Identify ${slot.name}`, on: { click: start("identify") } }), "Identify"),
		h("button", needs("operate", {
			type: "button", class: "quiet push", disabled: slot.state !== "idle", "aria-label": `Reset ${slot.name}`,
			title: "Pulse CEN: the board starts anew",
			on: { click: (e) => whileBusy(e.currentTarget, () => act(() => post(`/slots/${encodeURIComponent(slot.name)}/reset`))) },
		}), "Reset"));
}

function askLabel(slot) {
	const dialog = document.getElementById("ask");
	const text = document.getElementById("ask-text");
	document.getElementById("ask-title").textContent = `Backup of ${slot.name}`;
	document.getElementById("ask-no").onclick = () => dialog.close("");
	text.value = "";
	dialog.returnValue = "";
	dialog.onclose = () => {
		const label = text.value.trim();
		if (dialog.returnValue === "yes") startJob({ type: "backup", slot: slot.name, ...(label && { label }) });
	};
	dialog.showModal();
}
