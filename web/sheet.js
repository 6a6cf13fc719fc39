// Questions: a dialog above the page, with fields of its own and one button that does it.

import { h, icon, patch } from "./dom.js";
import { whileBusy } from "./parts.js";

/*
 * Opens one. title is text; render(sheet) gives what stands in it and is asked again by
 * sheet.changed(); go is { words, danger, ready(), run(form) }: run does it and the sheet closes
 * unless that gave null. Escape and Cancel close it and give the focus back.
 */
export function sheet({ title, render, go, wide }) {
	const body = h("div"); // beside it stands what went wrong
	const dialog = h("dialog", { class: wide ? "wide" : null, "aria-labelledby": "sheet-title" }, body);
	const it = { dialog, body, changed: () => draw(it, { title, render, go }), close: () => dialog.close() };
	dialog.onclose = () => {
		removeEventListener("hashchange", it.close);
		dialog.remove();
	};
	document.body.append(dialog);
	addEventListener("hashchange", it.close);
	it.changed();
	dialog.showModal();
	(dialog.querySelector("[autofocus]") ?? dialog.querySelector("input, select, button.primary"))?.focus();
	return it;
}

function draw(it, { title, render, go }) {
	const submit = (e) => {
		e.preventDefault();
		const form = e.currentTarget;
		whileBusy(form.querySelector("[data-go]"), async () => {
			if ((await go.run(form)) !== null) it.close();
		});
	};
	const content = render(it);
	const ready = !go?.ready || Boolean(go.ready());
	patch(it.body, h("form", { on: { submit } },
		h("div", { class: "jobline" },
			h("h2", { id: "sheet-title" }, title),
			h("button", { type: "button", class: "quiet icon-only", "aria-label": "Close", on: { click: it.close } }, icon("cross"))),
		content,
		h("div", { class: "actions end" },
			h("button", { type: "button", on: { click: it.close } }, go ? "Not now" : "Close"),
			go && h("button", {
				class: go.danger ? "primary danger" : "primary", disabled: !ready, "data-go": true,
			}, go.words))));
}

/* Do it or not: what will be lost is said before. */
export function confirm({ title, says, words, danger = true, run }) {
	return sheet({ title, render: () => says.map((text) => (text instanceof Node ? text : h("p", null, text))), go: { words, danger, run } });
}

export function check(name, text, attrs) {
	return h("label", { class: "check" }, h("input", { type: "checkbox", name, ...attrs }), h("span", null, text));
}
