// The frame of a view: its title, the way up, its cards, and what stands there while there is nothing.

import { h } from "./dom.js";
import { announce, empty, field, finding, may, needs, whileBusy } from "./parts.js";

/* beside is said less loudly: a number, a count. */
export function heading(name, beside) {
	return h("h1", { tabindex: "-1" }, name, beside && [" ", h("span", { class: "muted" }, beside)]);
}

export function up(href, words) {
	return h("nav", { class: "back", "aria-label": "Up" }, h("a", { href }, `← ${words}`));
}

/* The views of a tab beside each other. */
export function subtabs(here, ...links) {
	return h("nav", { class: "subtabs", "aria-label": "In this view" }, links.map(([href, words]) =>
		h("a", { href, "aria-current": href === here ? "page" : null }, words)));
}

/* Instead of a thing that is not here: not yet, or never. */
export function absent(what, id, missing) {
	return [heading(`${what} #${id}`), missing
		? finding(missing, { title: missing.status === 404 ? `There is no such ${what.toLowerCase()}` : undefined }) : asking()];
}

export const asking = () => empty(h("p", null, "Asking the rig…"));

/* Below a list that goes on. */
export function older(words, load) {
	return h("div", { class: "more" }, h("button", { type: "button", on: { click: load } }, words));
}

export function section(title, ...children) {
	const id = title.toLowerCase().replace(/\W+/g, "-");
	return h("section", { class: "card", "aria-labelledby": id }, h("h2", { id }, title), ...children);
}

/* Label, tags and notes of a dump or a device; save({ label, tags, notes }) gives null when it failed. */
export function notesForm(it, key, save, said) {
	const submit = (e) => {
		e.preventDefault();
		const { label, tags, notes } = e.currentTarget;
		const list = tags.value.split(",").map((tag) => tag.trim()).filter(Boolean);
		whileBusy(e.currentTarget.querySelector("button"), async () => {
			if (await save({ label: label.value.trim(), tags: list, notes: notes.value })) announce("Saved");
		});
	};
	const readonly = !may("operate");
	return h("form", { class: "card notes", key, "aria-labelledby": "notes", on: { submit } },
		h("h2", { id: "notes" }, "Label and notes"),
		field("Label", h("input", { name: "label", readonly, maxlength: 200, autocomplete: "off", value: it.label ?? "" })),
		field("Tags", h("input", { name: "tags", readonly, autocomplete: "off", placeholder: "separated by commas", value: (it.tags ?? []).join(", ") })),
		field("Notes", h("textarea", { name: "notes", readonly, rows: 4, keep: true }, it.notes ?? "")),
		h("div", { class: "actions" }, h("button", needs("operate", { class: "primary" }), "Save"), h("span", { class: "muted", role: "status" }, said)));
}
