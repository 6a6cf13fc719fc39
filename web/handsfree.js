// Hands-free: what to do at each slot, to be read from three metres.

import { get, post } from "./api.js";
import { h, icon } from "./dom.js";
import * as f from "./format.js";
import { asking, heading } from "./frame.js";
import { act, empty, finding, needs, percent, phaseWords, putBoard, whileBusy } from "./parts.js";
import { batchAnswers, runningIn, state } from "./store.js";

let one = { id: null, missing: null };

export const handsFree = {
	title: (id) => `Hands-free ${id}`,
	async open(id) {
		one = { id: Number(id), missing: null };
		await handsFree.refresh();
	},
	async refresh() {
		const mine = one;
		try {
			const take = batchAnswers();
			take(await get(`/batches/${mine.id}`));
		} catch (error) {
			mine.missing = error;
		}
	},
	close() {
		if (document.fullscreenElement) document.exitFullscreen();
	},
	render() {
		const it = state.batches.get(one.id);
		if (one.missing) return [heading("Hands-free"), finding(one.missing)];
		if (!it) return [heading("Hands-free"), asking()];
		const slots = state.slots.filter((slot) => slot.hands_free?.batch === it.id);
		return h("div", { class: "kiosk" }, head(it), slots.length ? h("div", { class: "tiles" }, slots.map(tile)) : over(it));
	},
};

function head(it) {
	const finish = (e) => whileBusy(e.currentTarget, () => act(() => post(`/batches/${it.id}/finish`)));
	const full = () => document.querySelector(".kiosk")?.requestFullscreen?.();
	return h("div", { class: "head" },
		h("h1", { tabindex: "-1" }, it.label || f.typeName(it.type), " ",
			h("a", { class: "muted", href: `#/batches/${it.id}` }, `#${it.id}`)),
		h("p", { class: "tally", role: "status" }, h("b", { "data-tone": "ok" }, it.done), " good", it.failed > 0 && [" · ", h("b", { "data-tone": "bad" }, it.failed), " not"]),
		h("div", { class: "actions" },
			h("button", { type: "button", on: { click: full } }, icon("full"), "Full screen"),
			it.state === "running" && h("button", needs("operate", { type: "button", title: "No more boards; what runs goes on", on: { click: finish } }), "Finish")));
}

function over(it) {
	return empty(h("p", null, it.state === "done" ? "This batch is over." : "No slot waits for boards."),
		h("p", null, h("a", { href: `#/batches/${it.id}` }, "See what came of it")));
}

const SAYS = { insert: "Put in", working: "Working", remove: "Take out" };

function tile(slot) {
	const it = slot.hands_free;
	const job = runningIn(slot.name);
	const tone = it.state === "remove" ? (it.ok ? "ok" : "bad") : it.state === "working" ? "busy" : "wait";
	return h("article", { class: "tile", key: slot.name, "data-slot": slot.name, "data-tone": tone, "data-state": it.state, "aria-label": `Slot ${slot.name}` },
		h("h2", null, slot.name),
		h("p", { class: "say", role: "status" }, SAYS[it.state] ?? it.state),
		h("p", { class: "how" }, how(slot, it, job)),
		it.state === "working" && h("progress", { max: 100, value: job && percent(job) ? parseInt(percent(job), 10) : null, "aria-label": `Progress of ${slot.name}` }),
		h("p", { class: "counts" }, f.count(it.boards, "board"), it.failed > 0 && `, ${it.failed} not good`),
		slot.simulated && hands(slot, it));
}

function how(slot, it, job) {
	if (it.state === "insert") return "the next board";
	if (it.state === "working") return job ? [phaseWords(job.phase), percent(job) && ` ${percent(job)}`] : "…";
	if (it.ok) return "good";
	const ended = state.jobs.get(it.job);
	return ended?.error ? f.errorTitle(ended.error.code) : "not good";
}

/* The hands of a simulated board. */
function hands(slot, it) {
	const put = (body) => (e) => whileBusy(e.currentTarget, () => act(() => putBoard(slot, body)));
	const [words, body] = it.state === "insert" ? ["Put another board in", { present: true, fresh: true }] : ["Take it out", { present: false }];
	return h("div", { class: "actions" },
		h("button", needs("operate", { type: "button", "aria-label": `${words}: ${slot.name}`, on: { click: put(body) } }), words));
}
