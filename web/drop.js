// A place where files are dropped, which is a button as well.

import { h, icon } from "./dom.js";

/* take(files) gets them; sending is how much of the one on its way is there, or null. */
export function dropZone({ words, take, sending, small, accept, disabled, title }) {
	const click = (e) => e.currentTarget.parentNode.querySelector("input").click();
	const change = (e) => {
		if (e.target.files.length) take([...e.target.files]);
		e.target.value = "";
	};
	return h("div", { class: `drop ${small ? "slim" : ""}`, on: disabled ? {} : dropping(take), prop: { take } },
		h("input", { type: "file", class: "unseen", tabindex: "-1", "aria-label": words, accept, disabled, on: { change } }),
		h("button", { type: "button", disabled: disabled || sending != null, title, on: { click } }, icon("upload"), "Choose a file"),
		h("span", { class: "muted" }, words),
		sending != null && h("progress", { max: 1000, value: Math.floor(sending * 1000), "aria-label": "Upload" }));
}

/* The handlers that let an element take files. */
export function dropping(take) {
	const over = (on) => (e) => {
		if (!e.dataTransfer?.types.includes("Files")) return;
		e.preventDefault();
		if (on) e.currentTarget.dataset.over = "";
		else delete e.currentTarget.dataset.over;
	};
	return {
		dragenter: over(true), dragover: over(true), dragleave: over(false),
		drop: (e) => {
			over(false)(e);
			const files = [...e.dataTransfer.files];
			if (files.length) take(files);
		},
	};
}
