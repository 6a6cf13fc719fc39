// The door: one field for a token, which opens a session. The page itself keeps nothing.

import { ApiError, post, remove } from "./api.js";
import { h } from "./dom.js";
import { act, field, finding, whileBusy } from "./parts.js";

const TITLES = { unauthorized: "That does not open it", "too-many": "Too many attempts" };

let problem = null;

/* changed() is called when there is something new to draw. */
export const login = {
	title: () => "Log in",
	render() {
		return h("form", { class: "card login", key: "login", "aria-labelledby": "login-title", on: { submit } },
			h("h1", { id: "login-title", tabindex: "-1" }, "Log in"),
			h("p", { class: "muted" }, "This rig wants an access token. Whoever runs it can make one: ",
				h("code", null, "flashrigd token add NAME --scope operate")),
			field("Access token", h("input", {
				name: "token", type: "password", required: true, autocomplete: "current-password", spellcheck: "false",
				"aria-describedby": problem ? "login-problem" : null,
			})),
			problem && h("div", { id: "login-problem", role: "alert" }, finding(problem, { title: TITLES[problem.code] })),
			h("div", { class: "actions" }, h("button", { class: "primary" }, "Log in")));
	},
	arrive: () => document.querySelector(".login input")?.focus(),
};

function submit(e) {
	e.preventDefault();
	const form = e.currentTarget;
	whileBusy(form.querySelector("button"), () => show(form.token.value.trim()));
}

async function show(token) {
	try {
		await post("/session", { token });
		location.reload();
	} catch (error) {
		if (!(error instanceof ApiError)) throw error;
		problem = error;
		login.changed?.();
		login.arrive();
	}
}

export async function logOut() {
	const gone = await act(() => remove("/session"));
	if (gone != null) location.reload();
}
