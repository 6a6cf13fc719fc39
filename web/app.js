// Ties it together: which view the address asks for, the header, and when to draw.

import { archive } from "./archive.js";
import { batch, batches } from "./batches.js";
import { bench } from "./bench.js";
import { compare } from "./compare.js";
import { device, devices } from "./devices.js";
import { h, patch } from "./dom.js";
import { dump } from "./dump.js";
import * as f from "./format.js";
import { handsFree } from "./handsfree.js";
import { image, imagesView } from "./images.js";
import { job } from "./job.js";
import { jobs } from "./jobs.js";
import { login, logOut } from "./login.js";
import { announce, phaseWords } from "./parts.js";
import { rig } from "./rig.js";
import { slotView } from "./slot.js";
import { enter, listen, state } from "./store.js";

/*
 * A view: title(arg); render() gives its elements from the state; open(arg, params) when it is
 * gone to, refresh() when the rig came back, heard(kind, value) for events, close() when it is
 * left. It calls changed() when it has something new to draw.
 */
const ROUTES = [
	[/^\/bench$/, bench, "#/bench"],
	[/^\/slots\/([^/]+)$/, slotView, "#/bench"],
	[/^\/jobs$/, jobs, "#/jobs"],
	[/^\/jobs\/(\d+)$/, job, "#/jobs"],
	[/^\/batches$/, batches, "#/jobs"],
	[/^\/batches\/(\d+)$/, batch, "#/jobs"],
	[/^\/hands-free\/(\d+)$/, handsFree, "#/jobs"],
	[/^\/archive$/, archive, "#/archive"],
	[/^\/dumps\/(\d+)$/, dump, "#/archive"],
	[/^\/devices$/, devices, "#/archive"],
	[/^\/devices\/(\d+)$/, device, "#/archive"],
	[/^\/compare\/(\d+\/\d+)$/, compare, "#/archive"],
	[/^\/images$/, imagesView, "#/images"],
	[/^\/images\/(\d+)$/, image, "#/images"],
	[/^\/rig$/, rig, "#/rig"],
];
const TABS = new Map(ROUTES.map(([, target, tab]) => [target, tab]));
const TICK_MS = 1000;

const $ = (id) => document.getElementById(id);
let view = null;
let arg = null;
let place = null; // its address without what is asked of it: another place is another page, with nothing left in its fields

function find(path) {
	for (const [pattern, target] of ROUTES) {
		const match = pattern.exec(path);
		if (match) return { target, arg: match[1] };
	}
	return null;
}

async function go(event) {
	if (state.locked) return;
	const [path, params] = location.hash.slice(1).split("?");
	if (path && !path.startsWith("/")) return; // the skip link
	const found = find(path);
	if (!found) return location.replace("#/bench");
	const moved = view !== found.target || arg !== found.arg;
	if (moved) view?.close?.();
	({ target: view, arg } = found);
	place = path;
	const opening = view.open?.(arg, new URLSearchParams(params));
	draw();
	if (event && moved) arrive();
	await opening;
	draw();
}

/* A new view starts at its top, for eyes and for screen readers. */
function arrive() {
	scrollTo(0, 0);
	$("main").querySelector("h1")?.focus({ preventScroll: true });
}

let drawing = null;
function drawSoon() {
	drawing ??= setTimeout(draw, 30);
}

function draw() {
	clearTimeout(drawing);
	drawing = null;
	if (state.locked) view = login;
	if (!view) return;
	const logs = [...document.querySelectorAll(".log pre")].filter(atBottom);
	patch($("main"), h("div", { class: "view", key: state.locked ? "login" : place }, view.render()));
	for (const pre of logs) pre.scrollTop = pre.scrollHeight;
	drawHeader();
}

function atBottom(pre) {
	return pre.scrollTop + pre.clientHeight > pre.scrollHeight - 24;
}

// ---- the header

const LINK_WORDS = { connecting: "connecting…", live: "live", lost: "reconnecting…" };

function drawHeader() {
	const name = state.info?.name ?? "flashrig";
	set($("rig-name"), name);
	if (state.info) set($("rig-version"), `flashrig ${state.info.version}`);
	$("demo").hidden = !state.info?.demo;
	$("link").dataset.state = state.link;
	set($("link"), LINK_WORDS[state.link]);
	drawRights();
	for (const tab of document.querySelectorAll(".tabs a")) {
		if (tab.getAttribute("href") === TABS.get(view)) tab.setAttribute("aria-current", "page");
		else tab.removeAttribute("aria-current");
	}
	patch($("banner"), state.locked ? [] : banner());
	document.title = [busyWords(), view.title(arg), name].filter(Boolean).join(" · ");
}

function drawRights() {
	const { needed, scope } = state.info?.auth ?? {};
	$("read-only").hidden = scope !== "read";
	$("link").hidden = state.locked;
	$("leave").hidden = !needed || !scope || state.locked;
	document.body.dataset.door = state.locked ? "shut" : "open";
}

function set(node, text) {
	if (node.textContent !== text) node.textContent = text;
}

function banner() {
	if (state.link === "lost") {
		return h("p", null, "The rig does not answer. Trying again by itself; what you see here may be out of date.");
	}
	if (state.info?.auth?.scope === "read" && !state.updated) {
		return h("p", { class: "calm" }, "You are logged in to look: this token sees everything and changes nothing. What it may not do is greyed out.");
	}
	if (!state.updated) return [];
	return h("p", null, "The rig runs another version now. ", h("button", { class: "small", type: "button", on: { click: () => location.reload() } }, "Reload the page"));
}

function busyWords() {
	const busy = [...state.jobs.values()].filter((it) => it.state === "running").length;
	return busy ? `${busy} running` : "";
}

// ---- what is said to those who do not see it move

const ENDED_WORDS = {
	done: "is done", failed: "failed", cancelled: "is cancelled", interrupted: "was interrupted",
};

function say(it, before) {
	const what = `${f.typeName(it.type)} of ${it.slot ?? "the archive"}`;
	if (before && before.state !== it.state && ENDED_WORDS[it.state]) {
		const why = it.state === "failed" ? `: ${f.errorTitle(it.error?.code)}` : "";
		announce(`${what} ${ENDED_WORDS[it.state]}${why}`);
	} else if (it.state === "running" && before?.phase !== it.phase) {
		announce(`${what}: ${phaseWords(it.phase)}`);
	}
}

function hear(kind, value, before) {
	if (kind === "job") say(value, before);
	if (kind === "locked") {
		draw();
		login.arrive();
	}
	if (kind === "fresh") Promise.resolve(view?.refresh?.()).then(drawSoon);
	view?.heard?.(kind, value);
	drawSoon();
}

for (const each of [...TABS.keys(), login]) each.changed = draw;
$("leave").onclick = logOut;
listen(hear);
addEventListener("hashchange", go);
setInterval(drawSoon, TICK_MS); // ages and elapsed times
await enter();
go();
