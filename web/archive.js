// The archive: every dump with what is known of it; search, import by drop, export.

import { ROOT, get, query, send } from "./api.js";
import { hexAt } from "./content.js";
import { h, icon } from "./dom.js";
import { dropZone } from "./drop.js";
import { editable } from "./editable.js";
import * as f from "./format.js";
import { asking, heading, older, subtabs } from "./frame.js";
import {
	act, announce, deviceLink, downloadLink, dumpLink, empty, field, finding, may, mono, table, time,
	verifiedBadge, whyNot,
} from "./parts.js";
import { askDevice, changeDump, dumpListAnswers, learnDump, state } from "./store.js";

const PAGE = 25;
const SEARCH_MS = 250;
const FILTERS = ["q", "contains", "verified", "tag", "slot", "chip", "since", "until"];

// ---- the list: ids as the rig gave them, dumps from the store

let filter = {};
let ids = [];
let found = new Map(); // dump id -> what "contains" gave
let next = null;
let asked = 0;
let loading = false;
let refused = null; // the rig does not take this search
let typing = null;

export const archive = {
	title: () => "Archive",
	open(_, params) {
		filter = Object.fromEntries(FILTERS.map((name) => [name, params.get(name) ?? ""]));
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
			h("div", { class: "head" }, heading("Archive"), archiveTabs("#/archive"), search()),
			refused && finding(refused),
			dumps.length ? table("Dumps", COLUMNS, dumps.map(row)) : !refused && nothing(),
			next != null && older("Older dumps", () => load(next).then(() => archive.changed?.())),
			importer(),
		];
	},
};

export function archiveTabs(here) {
	return subtabs(here, ["#/archive", "Dumps"], ["#/devices", "Devices"]);
}

let searched = null; // the id down to which bytes were looked for so far

/* fresh: what comes replaces what there is. */
async function load(before, fresh = before == null) {
	const mine = ++asked;
	loading = true;
	refused = null;
	const take = dumpListAnswers();
	const set = { ...filter, verified: filter.verified ? "true" : "" };
	const page = await get(`/dumps${query({ ...set, limit: PAGE, before })}`).catch((error) => {
		if (error.status === 400 || error.status === 422) refused = error;
		else act(() => Promise.reject(error));
	});
	if (mine !== asked) return;
	loading = false;
	if (!page) return;
	if (!page.dumps.length && page.next != null) { // the rig has looked at some of them, and goes on when asked
		searched = page.next;
		archive.changed?.();
		return load(page.next, fresh);
	}
	searched = null;
	const news = page.dumps.map((dump) => dump.id);
	if (fresh) found = new Map();
	ids = fresh ? news : [...ids, ...news];
	next = page.next;
	for (const dump of page.dumps) {
		take(dump);
		if (dump.found) found.set(dump.id, dump);
		if (dump.device != null && !state.devices.has(dump.device)) askDevice(dump.device);
	}
}

// ---- search

function search() {
	const later = (name) => (e) => {
		clearTimeout(typing);
		const value = e.target.value.trim();
		typing = setTimeout(() => find({ [name]: value }), SEARCH_MS);
	};
	const now = (name) => (e) => find({ [name]: e.target.type === "checkbox" ? (e.target.checked ? "1" : "") : e.target.value.trim() });
	const input = (name, attrs) => h("input", {
		name, autocomplete: "off", spellcheck: "false", on: { input: later(name) }, prop: { value: filter[name] }, ...attrs,
	});
	const extra = FILTERS.slice(1).some((name) => filter[name]);
	return h("form", { class: "filters", role: "search", on: { submit: (e) => e.preventDefault() } },
		field("Search", input("q", { type: "search", placeholder: "Label, chip, device, CRC…" })),
		h("details", { class: "more-options", open: extra }, h("summary", null, "More"),
			h("div", { class: "pair" },
				field("Contains", input("contains", { placeholder: "text, or 0x0A0B0C" })),
				field("Tag", input("tag")), field("Slot", input("slot")), field("Chip", input("chip")),
				field("From", h("input", { type: "date", on: { change: now("since") }, prop: { value: filter.since } })),
				field("Until", h("input", { type: "date", on: { change: now("until") }, prop: { value: filter.until } })),
				h("label", { class: "check" }, h("input", { type: "checkbox", on: { change: now("verified") }, prop: { checked: !!filter.verified } }), h("span", null, "Verified only")))));
}

async function find(what) {
	filter = { ...filter, ...what };
	history.replaceState(null, "", `#/archive${query(filter)}`);
	await load();
	archive.changed?.();
	announce(ids.length ? f.count(ids.length, "dump") : "No dump fits");
}

function nothing() {
	if (loading && searched != null) return empty(h("p", { role: "status" }, `Looking into the dumps, down to #${searched} so far…`));
	if (loading) return asking();
	if (FILTERS.some((name) => filter[name])) return empty(h("p", null, "No dump fits."), h("p", null, h("a", { href: "#/archive" }, "Show all")));
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
			[editable({
				id: `dump-${dump.id}`, value: dump.label, what: `label of dump ${dump.id}`, changed: archive.changed,
				show: () => h("a", { class: "strong", href: `#/dumps/${dump.id}` }, dump.label || h("span", null, dump.slot ?? "Dump"), " ",
					h("span", { class: "muted" }, `#${dump.id}`)),
				save: (label) => act(() => changeDump(dump.id, { label })),
			}), tags(dump), places(dump)],
			deviceLink(dump.device) ?? "–",
			[dump.chip ?? "unknown", " ", h("code", { class: "muted" }, dump.jedec_id)],
			[f.bytes(dump.size), !dump.complete && h("small", { class: "muted block" }, "part")],
			mono(dump.crc32),
			time(dump.created_at),
			verifiedBadge(dump.verified),
			downloadLink(dump.id, h("span", null, "Download"), "button small"),
		],
	};
}

function tags(dump) {
	if (!dump.tags?.length) return null;
	return h("span", { class: "tags" }, dump.tags.map((tag) => h("a", { class: "tag", href: `#/archive${query({ tag })}` }, tag)));
}

function places(dump) {
	const it = found.get(dump.id);
	if (!it) return null;
	return h("small", { class: "block muted" }, "at ", it.found.slice(0, 6).map((at) =>
		[h("a", { href: `#/dumps/${dump.id}${query({ at: hexAt(at) })}` }, mono(f.hex(at))), " "]), (it.found_more || it.found.length > 6) && "…");
}

// ---- in and out

const incoming = { part: null, said: [] };

function importer() {
	return h("section", { class: "card", "aria-labelledby": "import" },
		h("div", { class: "jobline wrap" }, h("h2", { id: "import" }, "Import and export"),
			h("a", { class: "button small push", href: `${ROOT}/archive/export?all=1`, download: true }, icon("download"), "Export everything (tar)")),
		dropZone({
			words: "or drop dumps here (.bin), or an archive that was exported (.tar)", take: bringIn, sending: incoming.part,
			disabled: !may("operate"), title: whyNot("operate"),
		}),
		incoming.said);
}

async function bringIn(files) {
	incoming.said = [];
	for (const file of files) {
		incoming.part = 0;
		const progress = (part) => {
			incoming.part = part;
			archive.changed?.();
		};
		incoming.said.push(await bringOne(file, progress).catch((error) => finding(error, { title: `${file.name}: ${f.errorTitle(error.code)}` })));
	}
	incoming.part = null;
	await load();
	announce("Import is done");
	archive.changed?.();
}

async function bringOne(file, progress) {
	if (/\.tar$/i.test(file.name)) {
		const it = await send("/archive/import", file, progress);
		return h("div", { class: "note ok" }, h("p", null, `${file.name}: ${f.count(it.imported, "dump")} imported, ${it.known} known already`),
			(it.rejected ?? []).map((bad) => h("p", null, mono(bad.name), `: ${bad.reason}`)));
	}
	const dump = learnDump(await send(`/dumps${query({ label: file.name.replace(/\.bin$/i, "") })}`, file, progress));
	return h("p", { class: "note ok" }, icon("check"), h("span", null, `${file.name}: `, dumpLink(dump.id, `dump #${dump.id}`), ", CRC-32 ", mono(dump.crc32)));
}
