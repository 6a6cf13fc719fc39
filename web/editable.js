// A text that is edited where it stands.

import { h, icon } from "./dom.js";
import { announce, needs } from "./parts.js";

let editing = null; // id of the one that is

/*
 * show() is it at rest, with a pencil beside it; the pencil makes it an input. Enter or leaving it
 * saves, Escape does not. what names it for those who do not see it.
 */
export function editable({ id, value, what, changed, show, save, max = 200 }) {
	if (editing === id) return editor({ id, value, what, changed, save, max });
	const edit = () => {
		editing = id;
		changed();
		const input = document.getElementById(`edit-${id}`);
		input?.focus();
		input?.select();
	};
	return h("span", { class: "label", "data-edit": id }, show(), h("button", needs("operate", {
		type: "button", class: "quiet icon-only", "aria-label": `Edit the ${what}`, title: `Edit the ${what}`, on: { click: edit },
	}), icon("pencil")));
}

function editor({ id, value, what, changed, save, max }) {
	const leave = async (input, keeps) => {
		const text = input.value.trim();
		if (editing !== id) return;
		editing = null;
		changed();
		if (!keeps || text === (value ?? "")) return;
		await save(text);
		announce("Saved");
		changed();
	};
	const keydown = (e) => {
		if (e.key !== "Enter" && e.key !== "Escape") return;
		e.preventDefault(); // or Enter would press the button that gets the focus
		leave(e.target, e.key === "Enter");
		document.querySelector(`[data-edit="${id}"] button`)?.focus();
	};
	return h("input", {
		id: `edit-${id}`, key: `edit-${id}`, keep: true, maxlength: max, autocomplete: "off",
		"aria-label": what, value: value ?? "", on: { keydown, blur: (e) => leave(e.target, true) },
	});
}
