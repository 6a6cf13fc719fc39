// The flash map: a square for each sector, 64 in a row. What it is, what differs, where one is.

import { h, svg } from "./dom.js";
import * as f from "./format.js";

const ACROSS = 64;
const NAMES = {
	".": "erased", "0": "all zero", "c": "code", "d": "data", "t": "text", "z": "packed or encrypted", "!": "unstable", "?": "unknown", "x": "differs",
};
const CLASS = { ".": "erased", "0": "zero", "c": "code", "d": "data", "t": "text", "z": "packed", "!": "unstable", "?": "unknown", "x": "differs" };

/* A map of what is known without the rig's: sectors that differ by their ranges. */
export function mapOf(size, sector, ranges) {
	const n = Math.ceil(size / sector);
	const differs = new Uint8Array(n);
	for (const { offset, length } of ranges) differs.fill(1, Math.floor(offset / sector), Math.ceil((offset + length) / sector));
	return { sector_size: sector, cells: "?".repeat(n), differs: differs.join(""), partitions: [] };
}

const drawn = new WeakMap(); // map -> its squares, since they do not change

/* pick(address) when a square is chosen; at is the address one is at, or null; damaged ranges are marked. */
export function flashMap(map, { at, pick, title = "Flash map", base = 0, damaged = [] }) {
	const n = map.cells.length;
	const here = at == null ? null : Math.min(n - 1, Math.floor((at - base) / map.sector_size));
	if (!drawn.has(map)) drawn.set(map, runs(map));
	const squares = drawn.get(map);
	const rows = Math.ceil(n / ACROSS);
	const hurt = sectorsOf(damaged, map.sector_size, base);
	const says = (sector) => [...words(map, sector, base), hurt.has(sector) && "damaged in the archive"].filter(Boolean).join(" · ");
	const go = (sector) => pick(base + Math.min(n - 1, Math.max(0, sector)) * map.sector_size);
	return h("section", { class: "card mapcard", key: "map", "aria-labelledby": "map-title" },
		h("div", { class: "jobline wrap" }, h("h2", { id: "map-title" }, title),
			h("p", { class: "muted push" }, here == null ? `${f.count(n, "sector")} of ${f.bytes(map.sector_size)}` : says(here))),
		h("div", {
			class: "map", tabindex: "0", role: "slider", "aria-label": `${title}: choose a sector`, "aria-valuemin": 0, "aria-valuemax": n - 1,
			"aria-valuenow": here ?? 0, "aria-valuetext": says(here ?? 0),
			on: { click: (e) => go(squareAt(e, rows)), keydown: (e) => step(e, here ?? 0, go), mousemove: (e) => hover(e, n, rows, says) },
		}, svg("svg", { viewBox: `0 0 ${ACROSS} ${rows}`, "aria-hidden": "true" },
			squares.map(([letter, d]) => svg("path", { d, class: CLASS[letter] ?? "unknown" })),
			hurt.size > 0 && svg("path", { d: [...hurt].map(square).join(""), class: "damaged" }),
			here != null && svg("rect", { x: (here % ACROSS) + 0.03, y: Math.floor(here / ACROSS) + 0.03, width: 0.94, height: 0.94, class: "here" }))),
		legend(map, squares, hurt.size));
}

function sectorsOf(ranges, sector, base) {
	const all = new Set();
	for (const { offset, length } of ranges) {
		for (let at = offset - base; at < offset - base + Math.max(length, 1); at += sector) all.add(Math.floor(at / sector));
	}
	return all;
}

const square = (i) => `M${i % ACROSS + 0.06} ${Math.floor(i / ACROSS) + 0.06}h.88v.88h-.88z`;

/* All squares of a kind are one path: a map of 4096 sectors is a handful of elements. */
function runs({ cells, differs }) {
	const paths = new Map();
	for (let i = 0; i < cells.length; i++) {
		const letter = differs?.[i] === "1" ? "x" : cells[i];
		paths.set(letter, (paths.get(letter) ?? "") + square(i));
	}
	return [...paths];
}

function words({ cells, differs, sector_size, partitions }, sector, base) {
	const at = base + sector * sector_size;
	const part = partitions?.find((it) => at >= it.offset && at < it.offset + it.length);
	return [f.hex(at), differs?.[sector] === "1" && "differs", cells[sector] !== "?" && NAMES[cells[sector]], part && `in ${part.name}`];
}

function squareAt(e, rows) {
	const box = e.currentTarget.firstChild.getBoundingClientRect();
	const x = Math.floor(((e.clientX - box.left) / box.width) * ACROSS);
	const y = Math.floor(((e.clientY - box.top) / box.height) * rows);
	return Math.max(0, Math.min(rows - 1, y)) * ACROSS + Math.max(0, Math.min(ACROSS - 1, x));
}

function hover(e, n, rows, says) {
	const sector = squareAt(e, rows);
	e.currentTarget.title = sector < n ? says(sector) : "";
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS, PageUp: -8 * ACROSS, PageDown: 8 * ACROSS, Home: -1e9, End: 1e9 };

function step(e, here, go) {
	if (!(e.key in STEPS)) return;
	e.preventDefault();
	go(here + STEPS[e.key]);
}

function legend(map, squares, hurt) {
	const used = squares.map(([letter]) => letter).filter((letter) => letter !== "?" || squares.length === 1);
	const many = (letter) => (letter === "x" ? [...map.differs].filter((c) => c === "1").length : [...map.cells].filter((c, i) => c === letter && map.differs?.[i] !== "1").length);
	const item = (kind, name, count) => h("li", null,
		svg("svg", { viewBox: "0 0 1 1", "aria-hidden": "true" }, svg("rect", { width: 1, height: 1, class: kind })),
		name, " ", h("span", { class: "muted" }, count.toLocaleString("en")));
	return h("ul", { class: "legend" },
		used.map((letter) => item(CLASS[letter] ?? "unknown", letter === "?" ? (map.differs?.includes("1") ? "same" : "not known") : map.legend?.[letter] ?? NAMES[letter], many(letter))),
		hurt > 0 && item("damaged", "damaged in the archive", hurt));
}
