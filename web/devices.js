// Devices: every board the rig has met, and the dumps of one as a time line.

import { ROOT, change, get, post, query } from "./api.js";
import { archiveTabs } from "./archive.js";
import { chooser, findDevices } from "./chooser.js";
import { h, icon } from "./dom.js";
import { editable } from "./editable.js";
import * as f from "./format.js";
import { absent, heading, notesForm, older, section, up } from "./frame.js";
import {
	act, announce, badge, dumpLink, empty, facts, field, jobLink, moment, mono, named, needs, slotLink, table, time,
	verifiedBadge,
} from "./parts.js";
import { sheet } from "./sheet.js";
import { askDevice, dumpListAnswers, learnDevice, state } from "./store.js";

const SEARCH_MS = 250;
let q = "";
let ids = [];
let next = null;
let loading = false;
let typing = null;

export const devices = {
	title: () => "Devices",
	open(_, params) {
		q = params.get("q") ?? "";
		return load();
	},
	close: () => clearTimeout(typing),
	refresh: () => load(),
	render() {
		const list = ids.map((id) => state.devices.get(id)).filter(Boolean);
		return [
			h("div", { class: "head" }, heading("Devices"), archiveTabs("#/devices"), search()),
			list.length ? table("Devices", COLUMNS, list.map(row)) : empty(h("p", null, loading ? "Asking the rig…" : q ? "No device fits." : "No device has been seen yet.")),
			next != null && older("Older devices", () => load(next).then(devices.changed)),
		];
	},
};

/* A rig that cannot search gives all; then the page looks itself. */
async function load(before) {
	loading = true;
	let page = await get(`/devices${query({ q, limit: 50, before })}`).catch(() => null);
	if (!page) {
		page = await act(() => get(`/devices${query({ limit: 200, before })}`));
		const fits = (it) => [it.label, it.mac, it.jedec_id, it.unique_id, it.notes].some((text) => text?.toLowerCase().includes(q.toLowerCase()));
		if (page) page.devices = page.devices.filter(fits);
	}
	loading = false;
	if (!page) return;
	page.devices.forEach(learnDevice);
	ids = [...(before == null ? [] : ids), ...page.devices.map((it) => it.id)];
	next = page.next;
}

function search() {
	const input = (e) => {
		clearTimeout(typing);
		q = e.target.value.trim();
		typing = setTimeout(async () => {
			history.replaceState(null, "", `#/devices${query({ q })}`);
			await load();
			devices.changed?.();
			announce(f.count(ids.length, "device"));
		}, SEARCH_MS);
	};
	return h("form", { class: "filters", role: "search", on: { submit: (e) => e.preventDefault() } },
		field("Search", h("input", { type: "search", placeholder: "Label, MAC, ID…", autocomplete: "off", spellcheck: "false", on: { input }, prop: { value: q } })));
}

const COLUMNS = [["Device", "main"], ["Chip", "chip"], ["MAC or unique ID"], ["Dumps", "num"], ["Last seen", "date"], ["State", "side"]];

function row(it) {
	return {
		key: `device-${it.id}`,
		cells: [
			editable({
				id: `device-${it.id}`, value: it.label, what: `label of device ${it.id}`, changed: devices.changed,
				show: () => named(`#/devices/${it.id}`, it.label || it.mac || "Device", it.id),
				save: (label) => save(it, { label }),
			}),
			mono(it.jedec_id) ?? "–", mono(it.mac ?? it.unique_id) ?? "–", String(it.dumps), time(it.last_seen),
			it.partial ? badge("warn", "warn", "Half written") : inSlot(it) ?? "–",
		],
	};
}

function inSlot(it) {
	const slot = state.slots.find((other) => other.device === it.id);
	return slot ? h("a", { href: slotLink(slot) }, `in ${slot.name}`) : null;
}

function save(it, what) {
	return act(async () => learnDevice({ ...it, ...what, ...(await change(`/devices/${it.id}`, what)) }));
}

// ---- one device

let one = { id: null, dumps: [], next: null, missing: null };

export const device = {
	title: (id) => `Device ${id}`,
	async open(id) {
		one = { id: Number(id), dumps: [], next: null, missing: null };
		await device.refresh();
	},
	async refresh() {
		const mine = one;
		const take = dumpListAnswers();
		try {
			learnDevice(await get(`/devices/${mine.id}`));
			askDevice(mine.id);
			const page = await get(`/dumps${query({ device: mine.id, limit: 50 })}`);
			Object.assign(mine, { dumps: page.dumps, next: page.next });
			page.dumps.forEach(take);
		} catch (error) {
			mine.missing = error;
		}
	},
	heard(kind, value) {
		if (kind === "dump" && value.device === one.id) device.refresh().then(device.changed);
	},
	render() {
		const it = state.devices.get(one.id);
		const back = up("#/devices", "Devices");
		if (!it) return [back, absent("Device", one.id, one.missing)];
		return [back, head(it), h("div", { class: "columns" },
			h("div", { class: "stack" }, it.partial && half(it.partial), about(it),
				notesForm(it, `notes-${it.id}`, (what) => save(it, what).finally(device.changed))), timeLine())];
	},
};

function head(it) {
	return h("div", { class: "head" },
		heading(it.label || it.mac || "Device", `#${it.id}`),
		h("div", { class: "actions" },
			h("a", { class: "button", href: `${ROOT}/archive/export?device=${it.id}`, download: true }, icon("download"), "Export (tar)"),
			h("button", needs("operate", { type: "button", on: { click: () => askMerge(it) } }), "Merge…")));
}

function half(it) {
	return h("div", { class: "finding", "data-tone": "warn" },
		h("strong", null, "A write to this device did not come to its end"),
		h("p", null, "Since ", time(it.since), ": ", jobLink(it.job, `job #${it.job}`), " can be resumed",
			it.backup != null && [", or ", dumpLink(it.backup, `dump #${it.backup}`), " restored"], "."));
}

function about(it) {
	return section("Facts", facts([
		["JEDEC ID", mono(it.jedec_id)], ["Unique ID", mono(it.unique_id)], ["MAC", mono(it.mac)],
		["Dumps", String(it.dumps)], ["First seen", moment(it.first_seen)], ["Last seen", moment(it.last_seen)], ["Now", inSlot(it)],
	], "facts list"));
}

/* Its dumps, newest first, each with the way to what changed since the one before. */
function timeLine() {
	const { dumps } = one;
	return section("Dumps",
		dumps.length ? h("ol", { class: "timeline" }, dumps.map((dump, i) => entry(dump, dumps[i + 1])))
			: h("p", { class: "muted" }, "None yet."),
		one.next != null && h("p", { class: "muted" }, h("a", { href: `#/archive${query({ q: "" })}` }, "Older ones are in the archive")));
}

function entry(dump, before) {
	const same = before && before.sha256 === dump.sha256;
	return h("li", { key: `dump-${dump.id}`, "data-tone": dump.verified ? "ok" : "warn" },
		h("div", { class: "jobline wrap" },
			h("a", { href: `#/dumps/${dump.id}` }, dump.label || "Dump", " ", h("span", { class: "muted" }, `#${dump.id}`)),
			verifiedBadge(dump.verified), h("span", { class: "muted push" }, time(dump.created_at))),
		h("p", { class: "muted" }, f.bytes(dump.size), !dump.complete && " (part)", " · ", mono(dump.crc32), " · ",
			before ? same ? "the same as before" : h("a", { href: `#/compare/${before.id}/${dump.id}` }, "what changed since") : "the first"));
}

function askMerge(it) {
	const other = chooser({ name: "other", label: "The other", placeholder: "Label, MAC, ID…", ask: (q) => findDevices(q, it.id) });
	sheet({
		title: `Merge another device into ${it.label || `#${it.id}`}`, wide: true,
		render: (self) => [
			h("p", null, "For a board that was taken for two. The other one is gone then; its dumps and tags are here."), other.fields(self)],
		go: {
			words: "Merge", danger: true, ready: () => other.value,
			run: () => act(async () => {
				learnDevice(await post(`/devices/${it.id}/merge`, { other: other.chosen.of.id }));
				state.devices.delete(other.chosen.of.id);
				await device.refresh();
				device.changed?.();
			}),
		},
	});
}
