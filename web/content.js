// What is inside a dump or an image: analysis, map and hex, each as far as the rig has it.

import { getIfThere, query } from "./api.js";
import { analysisCards } from "./analysis.js";
import { hexPanel, hexShow, hexView } from "./hex.js";
import { flashMap, mapOf } from "./map.js";

const SECTOR = 4096;

/* href is the page's own address without the place: "#/dumps/1". */
export function contentView(changed) {
	return { hex: hexView(changed), path: null, href: null, size: 0, base: 0, at: null, analysis: null, map: null, changed };
}

/* Opens path ("/dumps/1"); at is the address to show the bytes of, or null. */
export async function contentOpen(view, { path, href, size, base = 0, at }) {
	if (view.path !== path) Object.assign(view, { path, href, size, base, analysis: null, map: null, secrets: false }, { hex: hexView(view.changed) });
	view.at = at;
	const bytes = at != null && size > 0 && hexShow(view.hex, [path], size, at, base);
	await Promise.all([bytes, view.map ?? loadInside(view)]);
}

async function loadInside(view) {
	const { path } = view;
	const [analysis, map] = await Promise.all([
		getIfThere(`${path}/analysis${view.secrets ? "?secrets=1" : ""}`).catch(() => null), getIfThere(`${path}/map`).catch(() => null),
	]);
	if (view.path !== path) return;
	view.analysis = analysis;
	view.map = map?.cells ? map : mapOf(view.size, SECTOR, []);
	view.changed();
}

/* damaged: ranges to mark on the map. */
export function contentCards(view, damaged) {
	if (!view.path || !view.size) return null;
	const go = (at) => { location.hash = `${view.href}${query({ at: hexAt(at) })}`; };
	const link = (at) => `${view.href}${query({ at: hexAt(at) })}`;
	const secrets = () => {
		view.secrets = true;
		loadInside(view);
	};
	return {
		says: analysisCards(view.analysis, link, { path: view.path, secrets }),
		map: view.map && flashMap(view.map, { at: view.at, pick: go, base: view.base, damaged }),
		hex: view.at != null && hexPanel(view.hex, go),
	};
}

export const hexAt = (at) => `0x${at.toString(16).toUpperCase()}`;

/* The place in an address: "0x11000" or "69632"; null without one. */
export function placeOf(params) {
	const at = Number(params.get("at") ?? NaN);
	return Number.isInteger(at) && at >= 0 ? at : null;
}
