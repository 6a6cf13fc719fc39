// Two dumps side by side: where they differ, as a map, by partition, and byte by byte.

import { get, getIfThere, query } from "./api.js";
import { hexAt, placeOf } from "./content.js";
import { h, icon } from "./dom.js";
import * as f from "./format.js";
import { heading, up } from "./frame.js";
import { hexPanel, hexShow, hexView } from "./hex.js";
import { flashMap, mapOf } from "./map.js";
import { deviceName, empty, finding, mono, table } from "./parts.js";

const SHOWN = 200;
let one = { ids: "", a: null, b: null, diff: null, map: null, at: null, failed: null };
let place = null; // where the bytes are wanted: the newest wish
const bytes = hexView(() => compare.changed?.());

export const compare = {
	title: (ids) => `Compare ${ids.replace("/", " and ")}`,
	async open(ids, params) {
		place = placeOf(params); // a later one may be asked for while this one loads
		if (one.ids !== ids || one.failed) await load(ids);
		one.at = place;
		const { a, b, at } = one;
		if (at != null && a && b) await hexShow(bytes, [`/dumps/${a.id}`, `/dumps/${b.id}`], Math.min(a.size, b.size), at, a.offset ?? 0);
	},
	render() {
		const nav = up("#/archive", "Archive");
		const title = heading("Compare");
		if (one.failed) return [nav, title, finding(one.failed)];
		if (!one.diff) return [nav, title, empty(h("p", null, "Comparing…"))];
		return [nav, h("div", { class: "head" }, title, pair()), outcome(), one.diff.equal ? null : details()];
	},
};

async function load(ids) {
	const mine = one = { ids, a: null, b: null, diff: null, map: null, at: null, failed: null };
	const [a, b] = ids.split("/");
	try {
		[mine.a, mine.b, mine.diff] = await Promise.all([get(`/dumps/${a}`), get(`/dumps/${b}`), get(`/dumps/${a}/diff/${b}`)]);
		const map = await getIfThere(`/dumps/${a}/map${query({ other: b })}`).catch(() => null);
		mine.map = map?.differs ? map : mapOf(mine.a.size, mine.diff.sector_size, mine.diff.ranges);
	} catch (error) {
		mine.failed = error;
	}
}

function pair() {
	const side = (it) => h("a", { href: `#/dumps/${it.id}` }, f.dumpName(it));
	const [a, b] = one.ids.split("/");
	return h("p", { class: "actions" }, side(one.a), h("span", { class: "muted" }, "with"), side(one.b),
		h("a", { class: "button small", href: `#/compare/${b}/${a}` }, "Swap"));
}

function outcome() {
	const { diff, a, b } = one;
	if (diff.equal) return h("p", { class: "note ok" }, icon("check"), `Equal: all ${f.bytes(a.size)} are the same.`);
	const devices = a.device !== b.device && [a, b].every((it) => it.device != null)
		? ` They are of two devices: ${deviceName(a.device)} and ${deviceName(b.device)}.` : "";
	return h("p", { class: "note warn" }, icon("warn"), `${f.count(diff.differing_sectors, "sector")} of ${f.bytes(diff.sector_size)} differ.`,
		a.size !== b.size ? ` Their sizes differ: ${f.bytes(a.size)} and ${f.bytes(b.size)}.` : "", devices);
}

const href = (at) => `#/compare/${one.ids}${query({ at: hexAt(at) })}`;
const go = (at) => { location.hash = href(at); };

function details() {
	const { diff, map, a, b, at } = one;
	const parts = (diff.partitions ?? []).filter((it) => it.differing_sectors > 0);
	return [
		h("div", { class: "columns" },
			h("div", { class: "stack" },
				map && flashMap(map, { at, pick: go, title: "Where they differ", base: a.offset ?? 0 }),
				parts.length > 0 && table("Partitions that differ", [["Partition", "main"], ["From"], ["Differing sectors", "num"]], parts.map((it) => ({
					key: `part-${it.offset}`, cells: [h("a", { class: "strong", href: href(firstIn(it)) }, it.name), mono(f.hex(it.offset)), it.differing_sectors],
				})))),
			ranges(diff)),
		at != null && hexPanel(bytes, go, [f.dumpName(a), f.dumpName(b)], skips(diff, at)),
	];
}

/* To the difference before and behind the one that one is at. */
function skips({ ranges: all }, at) {
	const before = all.findLast((it) => it.offset + it.length <= at);
	const behind = all.find((it) => it.offset > at);
	const button = (words, it) => h("button", { type: "button", class: "small", disabled: !it, on: { click: () => go(it.offset) } }, words);
	return [button("Difference before", before), button("Next difference", behind)];
}

/* The first differing range that begins in a partition, else the partition's start. */
function firstIn(part) {
	return one.diff.ranges.find((it) => it.offset + it.length > part.offset && it.offset < part.offset + part.length)?.offset ?? part.offset;
}

function ranges({ ranges: all }) {
	return h("section", { class: "card", "aria-labelledby": "ranges" },
		h("h2", { id: "ranges" }, `${f.count(all.length, "range")}`),
		h("ul", { class: "ranges" }, all.slice(0, SHOWN).map((it) => h("li", null,
			h("a", { href: href(it.offset) }, mono(f.hex(it.offset))), " ", h("span", { class: "muted" }, f.bytes(it.length))))),
		all.length > SHOWN && h("p", { class: "muted" }, `and ${all.length - SHOWN} more`));
}

