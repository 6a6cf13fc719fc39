// A dump's own page: facts, label and notes, what is inside, and what to do with it.

import { ROOT, get, query, remove, rigNow } from "./api.js";
import { chooser, deviceChoice, findDevices, findDumps } from "./chooser.js";
import { contentCards, contentOpen, contentView, hexAt, placeOf } from "./content.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import { absent, heading, notesForm, section, up } from "./frame.js";
import {
	act, badge, deviceLink, deviceName, downloadLink, facts, field, finding, hash, jobLink, moment, mono, needs, time,
	verifiedBadge,
} from "./parts.js";
import { check, sheet } from "./sheet.js";
import { changeDump, dumpAnswers, fillCheck, lastCheck, slotNamed, state } from "./store.js";
import { askRestore } from "./tasks.js";

let one = { id: null, missing: null, savedAt: 0, found: null };
const inside = contentView(() => dump.changed?.());

export const dump = {
	title: (id) => `Dump ${id}`,
	async open(id, params) {
		if (one.id !== Number(id)) one = { id: Number(id), missing: null, savedAt: 0, found: null };
		one.at = placeOf(params);
		await Promise.all([state.dumps.has(one.id) || read(one), fillCheck().catch(() => {})]);
		await look(one);
	},
	refresh: () => Promise.all([read(one), fillCheck().catch(() => {})]),
	render() {
		const it = state.dumps.get(one.id);
		if (it) return [back(), title(it), body(it)];
		return [back(), absent("Dump", one.id, one.missing)];
	},
};

async function read(mine) {
	const take = dumpAnswers();
	try {
		take(await get(`/dumps/${mine.id}`));
	} catch (error) {
		mine.missing = error;
		if (error.status === 404) state.dumps.delete(mine.id);
	}
}

async function look(mine) {
	const it = state.dumps.get(mine.id);
	if (!it) return;
	await contentOpen(inside, { path: `/dumps/${it.id}`, href: `#/dumps/${it.id}`, size: it.size, base: it.offset ?? 0, at: mine.at });
}

function back() {
	return up("#/archive", "Archive");
}

function title(it) {
	return h("div", { class: "head" },
		heading(it.label || it.slot || "Dump", `#${it.id}`),
		h("div", { class: "actions" }, proof(it), downloadLink(it.id, `Download ${f.bytes(it.size)}`, "button primary"),
			h("button", { type: "button", on: { click: () => askCompare(it) } }, "Compare…"),
			it.complete && h("button", needs("operate", { type: "button", on: { click: () => askSlot(it) } }), "Restore…"),
			h("button", needs("operate", { type: "button", on: { click: () => askMove(it) } }), "Move…"),
			h("button", needs("admin", { type: "button", on: { click: () => askDelete(it) } }), "Delete…")));
}

function proof(it) {
	if (damagedIn(it).length) return badge("bad", "cross", "Damaged");
	return verifiedBadge(it.verified);
}

function body(it) {
	const damaged = damagedIn(it);
	const cards = contentCards(inside, damaged);
	return h("div", { class: "columns" },
		h("div", { class: "stack" },
			it.unstable?.length > 0 && unstable(it),
			damaged.length > 0 && damage(damaged),
			section("Facts", dumpFacts(it)),
			notesForm(it, `notes-${it.id}`, (what) => save(it, what), one.savedAt && ["Saved ", f.when(one.savedAt, rigNow())]), cards?.says),
		h("div", { class: "stack" }, cards?.map, cards && finder(it), cards?.hex));
}

const SOURCES = { spi: "SPI", uart: "UART bootloader", import: "imported" };

function dumpFacts(it) {
	return facts([
		["Chip", it.chip],
		["JEDEC ID", mono(it.jedec_id)],
		["Size", `${f.bytes(it.size)} (${f.hex(it.size)})`],
		["Range", it.complete ? "the whole chip" : [mono(f.hex(it.offset ?? 0)), " to ", mono(f.hex((it.offset ?? 0) + it.size - 1)),
			it.offset > 0 && `: the first ${f.bytes(it.offset)} of the chip are not in it`]],
		["CRC-32", mono(it.crc32)],
		["SHA-256", hash(it.sha256)],
		["Beken CRC", mono(it.beken_crc32)],
		["Device", deviceLink(it.device) ?? "none known"],
		["Slot", it.slot],
		["Taken", h("span", null, moment(it.created_at), it.source && ` · ${SOURCES[it.source] ?? it.source}`)],
		["Job", it.job != null ? jobLink(it.job) : null],
		["In the archive", it.stored_bytes != null ? `${f.bytes(it.stored_bytes)} stored` : null],
		["To keep elsewhere", [h("a", { href: `${ROOT}/archive/export?dump=${it.id}`, download: true }, "Export as tar"), " or ",
			h("a", { href: `${ROOT}/dumps/${it.id}/sidecar`, download: true }, "what is known of it (JSON)")]],
	], "facts list");
}

function places(list) {
	return h("ul", null, list.map(({ offset, length, reason }) => h("li", null,
		h("a", { href: `#/dumps/${one.id}${query({ at: hexAt(offset) })}` }, mono(f.hex(offset))), `, ${f.bytes(length)}`, reason && `: ${reason}`)));
}

function unstable(it) {
	const lost = it.unstable.reduce((sum, range) => sum + range.length, 0);
	return h("div", { class: "finding", "data-tone": "warn" },
		h("strong", null, `${f.bytes(lost)} did not read the same twice`),
		h("p", null, "The bytes at these places are a guess:"), places(it.unstable));
}

/* As the newest check of the archive found it; it counts from the first byte of the dump. */
function damagedIn(it) {
	const all = lastCheck()?.result?.damaged ?? [];
	return all.filter((range) => range.dump === it.id).map((range) => ({ ...range, offset: range.offset + (it.offset ?? 0) }));
}

function damage(damaged) {
	const check = lastCheck();
	return h("div", { class: "finding", "data-tone": "bad" },
		h("strong", null, "Damaged in the archive"),
		h("p", null, "These bytes do not read back as they were stored, says ", jobLink(check.id, `check #${check.id}`), ", ", time(check.finished_at), ":"),
		places(damaged), h("p", { class: "hint" }, damaged[0].remedy));
}

async function save(it, what) {
	const answer = await act(() => changeDump(it.id, what));
	if (answer) one.savedAt = rigNow();
	dump.changed?.();
	return answer;
}

// ---- find in it

async function find(it, contains, after) {
	const answer = await act(() => get(`/dumps/${it.id}/find${query({ contains, after })}`));
	if (answer) one.found = { contains, ...answer };
	dump.changed?.();
}

function finder(it) {
	const submit = (e) => {
		e.preventDefault();
		find(it, e.target.contains.value);
	};
	return h("section", { class: "card", key: "find", "aria-label": "Find in this dump" },
		h("form", { class: "actions finder", role: "search", on: { submit } },
			h("input", { name: "contains", class: "grow", "aria-label": "Text or bytes to find", required: true, minlength: 3, placeholder: "Find text, or bytes as 0x0A0B0C", autocomplete: "off", spellcheck: "false" }),
			h("button", null, "Find")),
		one.found && h("p", { class: "found", role: "status" }, one.found.found.length
			? [one.found.found.map((at) => [h("a", { href: `#/dumps/${it.id}${query({ at: hexAt(at) })}` }, mono(f.hex(at))), " "]), one.found.next != null && h("button", { type: "button", class: "small", on: { click: () => find(it, one.found.contains, one.found.next) } }, "Further on")]
			: `“${one.found.contains}” is not in it.`));
}

// ---- what one can do with it

function askCompare(it) {
	const other = chooser({
		name: "other", label: "Dump", placeholder: "Label, chip, device…",
		ask: (q) => findDumps({ q, own: it.device, fits: (dump) => dump.id !== it.id }),
	});
	sheet({
		title: `Compare dump #${it.id} with…`, wide: true, render: other.fields,
		go: { words: "Compare", ready: () => other.value, run: () => { location.hash = `#/compare/${it.id}/${other.value}`; } },
	});
}

function askSlot(it) {
	const own = state.slots.find((slot) => slot.device === it.device) ?? state.slots[0];
	sheet({
		title: `Restore dump #${it.id} to…`,
		render: () => field("Slot", h("select", { name: "slot", prop: { value: own?.name } }, state.slots.map((slot) =>
			h("option", { value: slot.name }, slot.name, slot.device === it.device && it.device != null ? " (its device)" : "")))),
		go: { words: "Go on", run: (form) => { setTimeout(() => askRestore(slotNamed(form.slot.value), it.id)); } },
	});
}

function askMove(it) {
	const own = state.devices.get(it.device);
	const nobody = { value: "", words: "No known device" };
	const whose = chooser({
		name: "device", label: "Device", placeholder: "Label, MAC, ID…", fixed: [nobody], chosen: own ? deviceChoice(own) : nobody, ask: findDevices,
	});
	sheet({
		title: `Whose is dump #${it.id}?`, wide: true, render: whose.fields,
		go: {
			words: "Move",
			run: () => act(() => changeDump(it.id, { device: whose.value ? Number(whose.value) : null })),
		},
	});
}

function askDelete(it) {
	let refused = null;
	const self = sheet({
		title: `Delete dump #${it.id}?`,
		render: () => [
			h("p", null, `${f.bytes(it.size)} of ${it.device != null ? deviceName(it.device) : it.label || "no known device"}, taken `, moment(it.created_at), ". This cannot be undone."),
			refused && finding(refused),
			refused?.code === "conflict" && check("force", "Delete it nevertheless"),
		],
		go: {
			words: "Delete", danger: true,
			run: async (form) => {
				try {
					await remove(`/dumps/${it.id}${form.force?.checked ? "?force=1" : ""}`);
				} catch (error) {
					refused = error;
					self.changed();
					return null;
				}
				state.dumps.delete(it.id);
				location.hash = "#/archive";
				return true;
			},
		},
	});
}

