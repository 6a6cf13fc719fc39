// The rig itself: its archive and the check of it, who may come in, who did what, how it is set up.

import { ROOT, get, getIfThere, post, query, remove, rigNow } from "./api.js";
import { h, icon } from "./dom.js";
import * as f from "./format.js";
import { older, section } from "./frame.js";
import {
	act, announce, cancelButton, damages, facts, field, finding, hash, jobLink, may, moment, mono, needs, pill, running, slotLink,
	table, time, whileBusy, whyNot,
} from "./parts.js";
import { confirm, sheet } from "./sheet.js";
import { ended, fillCheck, find, lastCheck, learnJob, slotNamed, state } from "./store.js";

const know = { archive: null, config: null, tokens: null, audit: null, auditNext: null, failed: null };

export const rig = {
	title: () => "Rig",
	open: () => load(),
	refresh: () => load(),
	heard(kind, value, before) {
		if (kind === "job" && value.type === "check" && ended(value) && before?.state !== value.state) load().then(rig.changed);
	},
	render: () => [
		h("div", { class: "head" }, h("h1", { tabindex: "-1" }, state.info?.name ?? "Rig", " ", h("span", { class: "muted" }, state.info && `flashrig ${state.info.version}`)),
			h("div", { class: "actions" },
				h("a", { class: "button", href: "/api.html" }, "API"),
				h("a", { class: "button plain", href: `${ROOT}/openapi.yaml` }, "openapi.yaml"),
				h("a", { class: "button plain", href: "/metrics" }, "Metrics"))),
		know.failed && finding(know.failed),
		h("div", { class: "columns" },
			h("div", { class: "stack" }, archiveCard(), about()),
			h("div", { class: "stack" }, tokens(), slots(), settings())),
		audit(),
	],
};

let asked = 0; // a late answer to an old question is dropped

async function load() {
	const mine = ++asked;
	know.failed = null;
	const ask = (path) => getIfThere(path).catch((error) => {
		if (error.status !== 403 && error.status !== 401) know.failed = error;
		return null;
	});
	const [archive, config, checks, list, audit] = await Promise.all([
		ask("/archive"), ask("/config"), ask("/jobs?type=check&limit=1"),
		may("admin") ? ask("/tokens?limit=200") : null, may("admin") ? ask("/audit?limit=25") : null, fillCheck().catch(() => {}),
	]);
	checks?.jobs.forEach(learnJob);
	if (mine !== asked) return;
	Object.assign(know, { archive, config, tokens: list?.tokens ?? null, audit: audit?.entries ?? null, auditNext: audit?.next ?? null });
}

// ---- the archive

function archiveCard() {
	const it = know.archive;
	const job = find((other) => other.type === "check");
	const busy = job && ["queued", "running"].includes(job.state);
	const start = (e) => whileBusy(e.currentTarget, async () => {
		const next = await act(() => post("/archive/check"));
		if (next) learnJob(next);
		rig.changed?.();
	});
	return h("section", { class: "card", "aria-labelledby": "archive" },
		h("div", { class: "jobline" }, h("h2", { id: "archive" }, "Archive"),
			h("button", needs("operate", { type: "button", class: "small", disabled: busy, title: "Reads every dump again and hashes it", on: { click: start } }), "Check now")),
		it && h("div", { class: "figures" },
			figure(it.dumps.toLocaleString("en"), it.dumps === 1 ? "dump" : "dumps"), it.devices != null && figure(it.devices.toLocaleString("en"), "devices"),
			figure(f.bytes(it.bytes_stored), "on disk"), figure(f.bytes(it.bytes_logical), "of content"),
			it.free_bytes != null && figure(f.bytes(it.free_bytes), "of it free")),
		busy && h("div", null, h("div", { class: "jobline" }, jobLink(job.id, `Check #${job.id}`), cancelButton(job)), job.state === "running" ? running(job) : h("p", { class: "muted" }, "Waits for its turn")),
		!busy && checkResult(it));
}

const figure = (value, name) => h("p", null, h("b", null, value), h("span", { class: "muted" }, name));

function checkResult(it) {
	const job = lastCheck();
	const last = it?.last_check;
	if (!last) return h("p", { class: "muted" }, "It has not been checked yet.");
	const damaged = it.damaged ?? last.damaged;
	const by = [time(typeof last === "string" ? last : last.time), job && [", ", jobLink(job.id)]];
	const next = it.next_check && h("p", { class: "muted" }, "The next check is on ", moment(it.next_check), ".");
	if (!damaged) return [h("p", { class: "note ok" }, icon("check"), h("span", null, "All dumps read back as they were stored, checked ", by)), next];
	return [h("div", { class: "finding", "data-tone": "bad" },
		h("strong", null, `${f.count(damaged, "place")} damaged`), h("p", null, "Found ", by, job?.result?.damaged?.length > 0 && ":"),
		job?.result?.damaged?.length > 0 && [damages(job.result.damaged, 20), h("p", { class: "hint" }, job.result.damaged[0].remedy)]), next];
}

function about() {
	const info = state.info;
	return info && section("About", facts([
		["Version", info.version], ["API", `v${info.api}`], ["Archive schema", String(info.schema)], ["Up for", f.clock(rigNow() - info.since)],
		["You are", info.auth?.needed ? `in with the scope “${info.auth.scope}”` : "on this machine: everything is allowed"],
	], "facts list"));
}

// ---- tokens

function tokens() {
	if (!may("admin")) {
		return section("Tokens and audit log",
			h("p", { class: "muted" }, `${whyNot("admin")}.`));
	}
	if (!know.tokens) return null;
	return h("section", { class: "card", "aria-labelledby": "tokens" },
		h("div", { class: "jobline" }, h("h2", { id: "tokens" }, "Tokens"), h("button", { type: "button", class: "small", on: { click: askToken } }, "New token…")),
		know.tokens.length ? h("ul", { class: "lines" }, know.tokens.map((it) => h("li", { key: `token-${it.id}` },
			h("b", null, it.name), h("span", { class: "badge", "data-tone": it.revoked_at ? "off" : "busy" }, it.scope),
			h("span", { class: "muted push" }, it.revoked_at ? ["revoked ", time(it.revoked_at)] : ["made ", time(it.created_at)]),
			!it.revoked_at && h("button", { type: "button", class: "small", "aria-label": `Revoke ${it.name}`, on: { click: () => askRevoke(it) } }, "Revoke"))))
			: h("p", { class: "muted" }, "None yet. Scripts and other machines need one."));
}

const SCOPES = [["read", "see everything"], ["operate", "and start jobs, upload, label"], ["admin", "and delete, force, make tokens"]];

function askToken() {
	sheet({
		title: "New token",
		render: () => [
			field("Name", h("input", { name: "name", required: true, maxlength: 60, autocomplete: "off", placeholder: "whose or what for" })),
			field("May", h("select", { name: "scope" }, SCOPES.map(([scope, words]) => h("option", { value: scope }, `${scope}: ${words}`)))),
		],
		go: {
			words: "Make it",
			run: async (form) => {
				const it = await act(() => post("/tokens", { name: form.name.value.trim(), scope: form.scope.value }));
				if (!it) return null;
				await load();
				rig.changed?.();
				setTimeout(() => showToken(it)); // once this sheet is closed
				return true;
			},
		},
	});
}

function showToken(it) {
	sheet({
		title: `Token ${it.name}`,
		render: () => [h("p", null, "Copy it now: it is shown this once, the rig keeps only its hash."), h("p", { class: "token" }, hash(it.token, { name: "token" }))],
	});
}

function askRevoke(it) {
	confirm({
		title: `Revoke ${it.name}?`, words: "Revoke", says: ["Whoever uses it is out at once, pages that are logged in with it too."],
		run: async () => {
			if ((await act(() => remove(`/tokens/${it.id}`))) == null) return null;
			announce("Revoked");
			await load();
			rig.changed?.();
			return true;
		},
	});
}

// ---- how it is set up

function slots() {
	const list = know.config?.slots;
	if (!list?.length) return null;
	return section("Slots",
		h("ul", { class: "lines" }, list.map((it) => {
			const now = slotNamed(it.name);
			return h("li", null, h("a", { class: "strong", href: slotLink(it) }, it.name),
				h("span", { class: "muted" }, [f.targetName(it.target), f.boardName(it.board), it.spi_hz && f.hertz(it.spi_hz)].filter(Boolean).join(" · ")),
				now && h("span", { class: "push" }, pill(now.state)));
		})));
}

function settings() {
	const sections = Object.entries(know.config ?? {}).filter(([, it]) => it && typeof it === "object" && !Array.isArray(it));
	if (!sections.length) return null;
	return section("Configuration as the daemon sees it",
		sections.map(([name, it]) => h("details", { class: "more-options" }, h("summary", null, mono(`[${name}]`)),
			facts(Object.entries(it).map(([key, value]) => [key, mono(words(value))]), "facts list config"))));
}

function words(value) {
	if (value == null) return "not set";
	if (typeof value === "boolean") return value ? "yes" : "no";
	return Array.isArray(value) ? value.join(", ") : String(value);
}

// ---- who did what

const AUDIT = [["What", "main"], ["Who"], ["From"], ["When", "date"], ["Answer", "num"]];

function audit() {
	if (!know.audit) return null;
	const more = () => act(async () => {
		const page = await get(`/audit${query({ limit: 50, before: know.auditNext })}`);
		know.audit.push(...page.entries);
		know.auditNext = page.next;
		rig.changed?.();
	});
	return [
		h("h2", { id: "audit" }, "Who did what"),
		know.audit.length ? table("Audit log", AUDIT, know.audit.map((it) => ({
			key: `audit-${it.id}`,
			cells: [
				[it.what || "", h("code", { class: "muted block" }, `${it.method ?? ""} ${it.path ?? ""}`)],
				it.who || "–", mono(it.address) ?? "–", time(it.at),
				it.refused ? h("span", { class: "badge", "data-tone": "bad" }, String(it.status)) : String(it.status),
			],
		}))) : h("p", { class: "muted" }, "Nothing yet."),
		know.auditNext != null && older("Older entries", more),
	];
}
