// Bytes by address: of one content, or of two side by side with what differs marked.

import { bytesAt } from "./api.js";
import { h, still } from "./dom.js";
import * as f from "./format.js";
import { finding } from "./parts.js";

const WINDOW = 4096; // one sector
const WIDE = matchMedia("(min-width: 46rem)");
const WIDER = matchMedia("(min-width: 76rem)");

/* A window on the bytes of one or two contents; name is its place in the page, changed() draws. */
export function hexView(changed) {
	return { paths: [], size: 0, at: null, mark: null, loaded: null, failed: null, serial: 0, changed };
}

/*
 * Shows the window that holds address `at`, and marks it. paths: ["/dumps/1"], or two of them.
 * Addresses are those of the chip; base is where the contents begin on it.
 */
export async function hexShow(view, paths, size, at, base = 0) {
	const inside = Math.min(Math.max(at - base, 0), Math.max(size - 1, 0));
	const start = inside - (inside % WINDOW);
	const known = view.loaded && view.at === base + start && view.paths.join() === paths.join();
	Object.assign(view, { paths, size, base, at: base + start, mark: base + inside });
	if (known) return;
	const mine = ++view.serial;
	view.failed = null;
	try {
		const loaded = await Promise.all(paths.map((path) => bytesAt(path, start, Math.min(WINDOW, size - start))));
		if (mine === view.serial) view.loaded = { at: base + start, bytes: loaded };
	} catch (error) {
		if (mine === view.serial) view.failed = error;
	}
	view.changed();
}

/* go(at) changes the address of the page, which then calls hexShow(). */
export function hexPanel(view, go, names, more) {
	if (view.at == null) return null;
	const { at, size, base } = view;
	return h("section", { class: "card hexcard", key: "hex", "aria-labelledby": "hex-title" },
		h("div", { class: "jobline wrap" },
			h("h2", { id: "hex-title" }, "Hex ", h("code", { class: "muted" }, f.hex(at))),
			more && h("div", { class: "actions push" }, more),
			h("form", { class: `actions ${more ? "" : "push"}`, on: { submit: (e) => jump(e, go) } },
				h("button", { type: "button", class: "small", disabled: at <= base, "aria-label": "The sector before", on: { click: () => go(at - WINDOW) } }, "←"),
				h("input", { name: "at", class: "address", "aria-label": "Address", placeholder: "0x11000", autocomplete: "off", spellcheck: "false" }),
				h("button", { class: "small" }, "Go"),
				h("button", { type: "button", class: "small", disabled: at + WINDOW >= base + size, "aria-label": "The sector after", on: { click: () => go(at + WINDOW) } }, "→"))),
		view.failed ? finding(view.failed) : view.loaded ? dump(view, names) : h("p", { class: "muted" }, "Reading…"));
}

function jump(e, go) {
	e.preventDefault();
	const at = Number(e.target.at.value.trim());
	if (Number.isInteger(at) && at >= 0) go(at);
}

function dump(view, names = []) {
	const { at, bytes } = view.loaded;
	const two = bytes.length > 1;
	const per = (two ? WIDER : WIDE).matches ? 16 : 8;
	const key = `hex ${view.paths} ${at} ${view.mark} ${per}`;
	return h("div", { class: "hexscroll", tabindex: "0", role: "region", "aria-label": "Bytes" },
		two && h("div", { class: "hexrow hexnames" }, h("span", null), names.map((name) => h("b", null, name))),
		still(key, { class: "hexrows", "data-two": two, "data-per": per }, () => rows(view, per)));
}

function rows({ loaded: { at, bytes }, mark }, per) {
	const all = [];
	for (let row = 0; row < bytes[0].length; row += per) {
		const marked = mark != null && mark !== at && mark >= at + row && mark < at + row + per;
		all.push(h("div", { class: "hexrow", "data-mark": marked },
			h("span", { class: "muted" }, (at + row).toString(16).toUpperCase().padStart(6, "0")),
			bytes.map((it, i) => side(it, bytes[1 - i], row, per))));
	}
	return all;
}

/* One side's bytes and letters of a row; runs that differ from the other side are marked. */
function side(bytes, other, row, per) {
	const end = Math.min(row + per, bytes.length);
	const differs = (i) => other != null && other[i] !== bytes[i];
	const runs = (text) => {
		const out = [];
		for (let i = row, from = row; i < end; i++) {
			if (i + 1 < end && differs(i + 1) === differs(i)) continue;
			const words = [...bytes.subarray(from, i + 1)].map(text).join("");
			out.push(differs(i) ? h("mark", null, words) : words);
			from = i + 1;
		}
		return out;
	};
	return h("span", { class: "hexside" },
		h("span", null, runs((b) => `${b.toString(16).toUpperCase().padStart(2, "0")} `)),
		h("span", { class: "letters" }, runs((b) => (b > 31 && b < 127 ? String.fromCharCode(b) : "·"))));
}
