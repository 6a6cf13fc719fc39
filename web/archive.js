// The archive: every dump with what is known of it, and a dump's own page.

import { change, get, query, rigNow } from "./api.js";
import { h, icon } from "./dom.js";
import * as f from "./format.js";
import {
	act, announce, downloadLink, empty, facts, field, finding, hash, may, moment, mono, needs, table, time,
	verifiedBadge, whileBusy,
} from "./parts.js";
import { learnDump, state } from "./store.js";

const PAGE = 25;
const SEARCH_MS = 250;

// ---- the list: ids as the rig gave them, dumps from the store

let q = "";
let ids = [];
let next = null;
let asked = 0;
let loading = false;
let editing = null; // id of the dump whose label is being edited
let typing = null;

export const archive = {
	title: () => "Archive",
	open(_, params) {
		q = params.get("q") ?? "";
		editing = null;
		return load();
	},
	close: () => clearTimeout(typing),
	refresh: () => load(),
	heard(kind, dump) {
		if (kind === "dump" && !ids.includes(dump.id) && !loading) load().then(() => archive.changed?.());
	},
	render() {
		const dumps = ids.map((id) => state.dumps.get(id)).filter(Boolean);
		return [
			h("div", { class: "head" }, h("h1", { tabindex: "-1" }, "Archive"), search()),
			dumps.length ? table("Dumps", COLUMNS, dumps.map(row)) : nothing(),
			next != null && h("div", { class: "more" },
				h("button", { type: "button", on: { click: () => load(next).then(() => archive.changed?.()) } }, "Older dumps")),
		];
	},
};

async function load(before) {
	const mine = ++asked;
	loading = true;
	const page = await act(() => get(`/dumps${query({ q, limit: PAGE, before })}`));
	if (mine !== asked) return;
	loading = false;
	if (!page) return;
	const news = page.dumps.map((dump) => dump.id);
	ids = before == null ? news : [...ids, ...news];
	next = page.next;
	for (const dump of page.dumps) state.dumps.set(dump.id, dump);
}

function search() {
	const input = (e) => {
		clearTimeout(typing);
		const value = e.target.value.trim();
		typing = setTimeout(() => find(value), SEARCH_MS);
	};
	return h("form", { class: "filters", role: "search", on: { submit: (e) => e.preventDefault() } },
		field("Search", h("input", {
			type: "search", placeholder: "Label, chip, device, CRC…", autocomplete: "off", spellcheck: "false",
			on: { input }, prop: { value: q },
		})));
}

async function find(value) {
	q = value;
	history.replaceState(null, "", `#/archive${query({ q })}`);
	await load();
	archive.changed?.();
	announce(ids.length ? f.count(ids.length, "dump") : "No dump fits");
}

function nothing() {
	if (loading) return empty(h("p", null, "Asking the rig…"));
	if (q) return empty(h("p", null, "No dump fits “", q, "”."));
	return empty(
		h("p", null, "The archive is empty."),
		h("p", { class: "muted" }, "Put a board into a slot and press Backup on the ", h("a", { href: "#/bench" }, "bench"), "."));
}

const COLUMNS = [
	["Label", "main"], ["Device", "device"], ["Chip", "chip"], ["Size", "num"], ["CRC-32"], ["Taken", "date"],
	["Proof", "side"], ["", "get"],
];

function row(dump) {
	return {
		key: `dump-${dump.id}`,
		cells: [
			editing === dump.id ? labelEditor(dump) : label(dump),
			dump.device != null ? `#${dump.device}` : "–",
			[dump.chip ?? "unknown", " ", h("code", { class: "muted" }, dump.jedec_id)],
			[f.bytes(dump.size), !dump.complete && h("small", { class: "muted block" }, "part")],
			mono(dump.crc32),
			time(dump.created_at),
			verifiedBadge(dump.verified),
			downloadLink(dump.id, h("span", null, "Download"), "button small"),
		],
	};
}

function label(dump) {
	return h("span", { class: "label" },
		h("a", { class: "strong", href: `#/dumps/${dump.id}` }, dump.label || h("span", null, dump.slot ?? "Dump"), " ",
			h("span", { class: "muted" }, `#${dump.id}`)),
		h("button", needs("operate", {
			type: "button", class: "quiet icon-only", "aria-label": `Edit the label of dump ${dump.id}`, title: "Edit the label",
			on: { click: () => edit(dump.id) },
		}), icon("pencil")));
}

function edit(id) {
	editing = id;
	archive.changed?.();
	const input = document.getElementById("label-edit");
	input?.focus();
	input?.select();
}

/* Enter or leaving it saves, Escape does not. */
function labelEditor(dump) {
	const leave = (input, keeps) => {
		const value = input.value.trim();
		if (editing !== dump.id) return;
		editing = null;
		archive.changed?.();
		if (keeps && value !== (dump.label ?? "")) save(dump, { label: value });
	};
	const keydown = (e) => {
		if (e.key !== "Enter" && e.key !== "Escape") return;
		e.preventDefault(); // or Enter would press the button that gets the focus
		leave(e.target, e.key === "Enter");
		document.querySelector(`[data-key="dump-${dump.id}"] .label button`)?.focus();
	};
	const blur = (e) => leave(e.target, true);
	return h("input", {
		id: "label-edit", key: `edit-${dump.id}`, keep: true, maxlength: 200, autocomplete: "off",
		"aria-label": `Label of dump ${dump.id}`, placeholder: "Label", value: dump.label ?? "", on: { keydown, blur },
	});
}

async function save(dump, what) {
	const answer = await act(() => change(`/dumps/${dump.id}`, what));
	if (answer == null) return false;
	learnDump({ ...dump, ...what, ...(answer.id === dump.id ? answer : {}) });
	announce("Saved");
	return true;
}

// ---- one dump

let one = { id: null, missing: null, savedAt: 0 };

export const dump = {
	title: (id) => `Dump ${id}`,
	async open(id) {
		one = { id: Number(id), missing: null, savedAt: 0 };
		await dump.refresh();
	},
	async refresh() {
		const mine = one;
		try {
			learnDump(await get(`/dumps/${mine.id}`));
		} catch (error) {
			mine.missing = error;
			if (error.status === 404) state.dumps.delete(mine.id);
		}
	},
	render() {
		const it = state.dumps.get(one.id);
		if (it) return [back(), title(it), body(it)];
		return [back(), h("h1", { tabindex: "-1" }, `Dump #${one.id}`), one.missing
			? finding(one.missing, { title: one.missing.status === 404 ? "There is no such dump" : undefined })
			: empty(h("p", null, "Asking the rig…"))];
	},
};

function back() {
	return h("nav", { class: "back", "aria-label": "Up" }, h("a", { href: "#/archive" }, "← Archive"));
}

function title(it) {
	return h("div", { class: "head" },
		h("h1", { tabindex: "-1" }, it.label || it.slot || "Dump", " ", h("span", { class: "muted" }, `#${it.id}`)),
		h("div", { class: "actions" }, verifiedBadge(it.verified), downloadLink(it.id, `Download ${f.bytes(it.size)}`, "button primary")));
}

function body(it) {
	return h("div", { class: "columns" },
		h("div", { class: "stack" },
			it.unstable?.length > 0 && unstable(it),
			h("section", { class: "card", "aria-labelledby": "facts" }, h("h2", { id: "facts" }, "Facts"), dumpFacts(it))),
		editor(it));
}

const SOURCES = { spi: "SPI", uart: "UART bootloader", import: "imported" };

function dumpFacts(it) {
	return facts([
		["Chip", it.chip],
		["JEDEC ID", mono(it.jedec_id)],
		["Size", `${f.bytes(it.size)} (${f.hex(it.size)})`],
		["Range", it.complete ? "the whole chip" : [mono(f.hex(it.offset ?? 0)), " to ", mono(f.hex((it.offset ?? 0) + it.size - 1))]],
		["CRC-32", mono(it.crc32)],
		["SHA-256", hash(it.sha256)],
		["Device", it.device != null ? `#${it.device}` : null],
		["Slot", it.slot],
		["Taken", h("span", null, moment(it.created_at), it.source && ` · ${SOURCES[it.source] ?? it.source}`)],
		["Job", it.job != null ? h("a", { href: `#/jobs/${it.job}` }, `#${it.job}`) : null],
		["In the archive", it.stored_bytes != null ? `${f.bytes(it.stored_bytes)} stored` : null],
	], "facts list");
}

function unstable(it) {
	const lost = it.unstable.reduce((sum, range) => sum + range.length, 0);
	return h("div", { class: "finding", "data-tone": "warn" },
		h("strong", null, `${f.bytes(lost)} did not read the same twice`),
		h("p", null, "The bytes at these places are a guess:"),
		h("ul", null, it.unstable.map(({ offset, length }) => h("li", null, mono(f.hex(offset)), `, ${f.bytes(length)}`))));
}

function editor(it) {
	const submit = (e) => {
		e.preventDefault();
		const form = e.currentTarget;
		whileBusy(form.querySelector("button"), () => saveForm(it, form));
	};
	return h("form", { class: "card notes", "aria-labelledby": "notes", on: { submit } },
		h("h2", { id: "notes" }, "Label and notes"),
		field("Label", h("input", { name: "label", readonly: !may("operate"), maxlength: 200, autocomplete: "off", value: it.label ?? "" })),
		field("Tags", h("input", { name: "tags", readonly: !may("operate"), autocomplete: "off", placeholder: "separated by commas", value: (it.tags ?? []).join(", ") })),
		field("Notes", h("textarea", { name: "notes", readonly: !may("operate"), rows: 7, keep: true }, it.notes ?? "")),
		h("div", { class: "actions" },
			h("button", needs("operate", { class: "primary" }), "Save"),
			h("span", { class: "muted", role: "status" }, one.savedAt ? ["Saved ", f.when(one.savedAt, rigNow())] : "")));
}

async function saveForm(it, form) {
	const tags = form.tags.value.split(",").map((tag) => tag.trim()).filter(Boolean);
	if (await save(it, { label: form.label.value.trim(), notes: form.notes.value, tags })) one.savedAt = rigNow();
	dump.changed?.();
}
