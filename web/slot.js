// A slot's own page: its card, its live boot log, its last jobs, and how it is set up.

import { ROOT, get, getIfThere, query } from "./api.js";
import { card } from "./bench.js";
import { h } from "./dom.js";
import { section, up } from "./frame.js";
import { JOB_COLUMNS, jobRow } from "./jobs.js";
import { act, empty, facts, mono, needs, putBoard, table, whileBusy } from "./parts.js";
import { jobsThat, learnJob, slotNamed, state } from "./store.js";

const LOG_KEPT = 200_000; // characters
let one = { name: null, log: "", source: null, said: "", config: null };

export const slotView = {
	title: (name) => `Slot ${decodeURIComponent(name)}`,
	async open(arg) {
		slotView.close();
		const mine = one = { name: decodeURIComponent(arg), log: "", source: null, said: "", config: null };
		listenToBoard(mine);
		const [, config] = await Promise.all([slotView.refresh(), getIfThere("/config").catch(() => null)]);
		mine.config = config?.slots?.find((it) => it.name === mine.name) ?? null;
	},
	close() {
		one.source?.close();
		one.source = null;
	},
	async refresh() {
		const page = await act(() => get(`/jobs${query({ slot: one.name, limit: 20 })}`));
		page?.jobs.forEach(learnJob);
	},
	heard(kind) {
		if (kind === "snapshot") listenToBoard(one);
	},
	render() {
		const slot = slotNamed(one.name);
		const back = up("#/bench", "Bench");
		const title = h("h1", { class: slot ? "unseen" : null, tabindex: "-1" }, `Slot ${one.name}`);
		if (!slot) return [back, title, empty(h("p", null, state.loaded ? "There is no such slot." : "Asking the rig…"))];
		const jobs = jobsThat((job) => job.slot === one.name).slice(0, 20);
		return [back, title, h("div", { class: "columns" },
			h("div", { class: "stack cards one" }, card(slot), slot.simulated && board(slot)),
			h("div", { class: "stack" },
				slot.log && state.hasLog && bootLog(),
				jobs.length > 0 && table("Jobs of this slot", without(JOB_COLUMNS), jobs.map((job) => {
					const row = jobRow(job);
					return { ...row, cells: without(row.cells) };
				})),
				setUp()))];
	},
};

/* The slot is known here. */
const without = ([first, , ...rest]) => [first, ...rest];

function listenToBoard(mine) {
	if (mine.source || !state.hasLog || !slotNamed(mine.name)?.log) return;
	mine.source = new EventSource(`${ROOT}/slots/${encodeURIComponent(mine.name)}/log`);
	mine.source.addEventListener("log", (e) => {
		mine.log = (mine.log + JSON.parse(e.data).text).slice(-LOG_KEPT);
		slotView.changed?.();
	});
}

function bootLog() {
	return h("section", { class: "card log", "aria-labelledby": "boot" },
		h("div", { class: "jobline" }, h("h2", { id: "boot" }, "What the board says now"),
			h("button", { type: "button", class: "small push", on: { click: () => { one.log = ""; slotView.changed?.(); } } }, "Clear")),
		h("pre", { tabindex: "0", "aria-labelledby": "boot" }, one.log || "Nothing yet. Reset the board to see it start."));
}

/* The hands of a simulated board. */
function board(slot) {
	const put = (body, said) => (e) => whileBusy(e.currentTarget, async () => {
		if ((await act(() => putBoard(slot, body))) != null) one.said = said;
		slotView.changed?.();
	});
	const button = (words, body, said) => h("button", needs("operate", { type: "button", class: "small", on: { click: put(body, said) } }), words);
	return section("Simulated board",
		h("div", { class: "actions" }, button("Take it out", { present: false }, "It is out."), button("Put it in", { present: true }, "It is in."),
			button("Put another one in", { present: true, fresh: true }, "Another, erased board is in."), h("span", { class: "muted", role: "status" }, one.said)));
}

function setUp() {
	if (!one.config) return null;
	return section("How it is set up",
		facts(Object.entries(one.config).map(([key, value]) => [key, value == null ? null : mono(String(value))]), "facts list"));
}
