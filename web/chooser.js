// One of many: a field that asks the rig while one types, and what fits to choose from.

import { get, query } from "./api.js";
import { h } from "./dom.js";
import * as f from "./format.js";
import { act, deviceName } from "./parts.js";

const SEARCH_MS = 250;
const SHOWN = 50;

/*
 * For a sheet: fields(sheet) stands in what it renders, value is what is chosen, or null.
 * ask(q) gives { choices: [{ value, words, more, group, of }], goesOn }. chosen is one of those, and
 * stays in the list; fixed ones are always there. picked(choice) is called when it changes.
 */
export function chooser({ name, label, placeholder, ask, chosen = null, fixed = [], picked = () => {} }) {
	let sheet = null;
	let asked = 0; // a late answer to an old question is dropped
	let typing = null;
	let found = null;
	const it = { chosen, get value() { return it.chosen?.value ?? null; } };

	async function load(q) {
		const mine = ++asked;
		const answer = await act(() => ask(q).catch(none));
		if (mine !== asked || !answer) return;
		found = { q, ...answer };
		sheet.changed();
	}

	it.choose = (choice) => {
		it.chosen = choice;
		picked(choice);
		sheet.changed();
	};
	it.fields = (now) => {
		if (!sheet) {
			sheet = now;
			load("");
		}
		const input = (e) => {
			clearTimeout(typing);
			typing = setTimeout(load, SEARCH_MS, e.target.value.trim());
		};
		const kept = it.chosen && ![...fixed, ...found?.choices ?? []].some((other) => other.value === it.value) ? [it.chosen] : [];
		const list = [...fixed, ...kept, ...found?.choices ?? []];
		return h("fieldset", { class: "chooser" }, h("legend", null, label),
			h("input", { type: "search", "aria-label": `Search: ${label}`, placeholder, autocomplete: "off", spellcheck: "false", on: { input, keydown } }),
			list.length > 0 && h("div", { class: "choices" }, list.map((choice, i) => [
				choice.group && choice.group !== list[i - 1]?.group && h("p", { class: "muted" }, choice.group), radio(choice)])),
			h("p", { class: "muted", role: "status" }, says(found)));
	};
	const radio = (choice) => h("label", { class: "check", key: `choice-${choice.value}` },
		h("input", { type: "radio", name, value: choice.value, on: { change: () => it.choose(choice) }, prop: { checked: choice.value === it.value } }),
		h("span", null, choice.words, choice.more && h("small", { class: "muted block" }, choice.more)));
	return it;
}

/* What is half typed may make no sense to the rig yet. */
function none(error) {
	if (error.status === 400 || error.status === 422) return { choices: [] };
	throw error;
}

/* Enter would do what the sheet is for; down leads to what was found. */
function keydown(e) {
	if (e.key === "Enter") e.preventDefault();
	if (e.key !== "ArrowDown") return;
	e.preventDefault();
	e.target.closest("fieldset").querySelector("[type=radio]")?.focus();
}

function says(found) {
	if (!found) return "Asking the rig…";
	const { q, choices, goesOn } = found;
	if (goesOn) return q ? "The newest that fit" : "The newest ones; type to find others";
	if (choices.length) return q ? `${choices.length} found` : "";
	return q ? "Nothing fits." : "There is nothing to choose.";
}

// ---- what is chosen from

export function dumpChoice(dump) {
	const from = dump.device != null ? deviceName(dump.device) : "no device";
	return {
		value: String(dump.id), of: dump, words: f.dumpName(dump),
		more: `${from} · ${f.bytes(dump.size)} · ${f.exactly(Date.parse(dump.created_at))} · ${dump.crc32}`,
	};
}

/* Those of a device come first; fits(dump) says which of them are offered. */
export async function findDumps({ own, fits = () => true, ...params }) {
	const page = (device) => get(`/dumps${query({ ...params, device, limit: SHOWN })}`);
	const pages = await Promise.all([own != null ? page(own) : { dumps: [] }, page()]);
	const all = new Map(pages.flatMap(({ dumps }) => dumps).map((dump) => [dump.id, dump]));
	return { choices: [...all.values()].filter(fits).map(dumpChoice), goesOn: pages.some(({ next }) => next != null) };
}

/* All devices but one. */
export async function findDevices(q, but) {
	const { devices, next } = await get(`/devices${query({ q, limit: SHOWN })}`);
	return { choices: devices.filter((it) => it.id !== but).map(deviceChoice), goesOn: next != null };
}

export function deviceChoice(it) {
	return {
		value: String(it.id), of: it, words: `${it.label || it.mac || "Device"} #${it.id}`,
		more: [it.jedec_id, it.unique_id ?? it.mac, f.count(it.dumps, "dump")].filter(Boolean).join(" · "),
	};
}
