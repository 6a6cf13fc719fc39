// Shows openapi.yaml to people. What it describes is in that file alone.

import { parseYaml } from "./yaml.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const code = (text) => `<code>${escape(text)}</code>`;
const inline = (text) => escape(text).replace(/`([^`]+)`/g, "<code>$1</code>");

// Paragraphs, and lists with stars.
function words(text) {
	return (text ?? "").trim().split(/\n\s*\n/).filter(Boolean).map((part) => {
		if (!part.startsWith("* ")) return `<p>${inline(part)}</p>`;
		return `<ul>${part.split(/\n(?=\* )/).map((item) => `<li>${inline(item.slice(2))}</li>`).join("")}</ul>`;
	}).join("");
}

function renderer(spec) {
	const deref = (thing) => {
		while (thing?.$ref) thing = thing.$ref.slice(2).split("/").reduce((at, part) => at[part.replace(/~1/g, "/").replace(/~0/g, "~")], spec);
		return thing;
	};

	// A schema in a few words, with links to those that have a name.
	function type(schema) {
		if (!schema || typeof schema !== "object") return "anything";
		if (schema.$ref?.startsWith("#/components/schemas/")) {
			const name = schema.$ref.split("/").at(-1);
			return `<a href="#schema-${name}">${escape(name)}</a>`;
		}
		const s = deref(schema);
		for (const [key, joint] of [["oneOf", " or "], ["anyOf", " or "], ["allOf", " and "]]) if (s[key]) return s[key].map(type).join(joint);
		if ("const" in s) return code(JSON.stringify(s.const));
		if (s.enum) return s.enum.map((v) => code(JSON.stringify(v))).join(", ");
		if (s.type === "array") return `list of ${type(s.items)}`;
		if (s.properties) return `object: ${Object.entries(s.properties).map(([name, p]) => `${code(name)} ${type(p)}`).join(", ")}`;
		return [].concat(s.type ?? "anything").map(escape).join(" or ");
	}

	function bounds(schema) {
		const s = schema?.$ref ? {} : schema ?? {};
		const said = [];
		if ("minimum" in s || "maximum" in s) said.push(`${s.minimum ?? ""} to ${s.maximum ?? ""}`);
		if ("minLength" in s || "maxLength" in s) said.push(`${s.minLength ?? 0} to ${s.maxLength ?? ""} characters`);
		if ("minItems" in s || "maxItems" in s) said.push(`${s.minItems ?? 0} to ${s.maxItems ?? ""} items`);
		if (s.pattern) said.push(s.pattern);
		if ("default" in s) said.push(`default ${JSON.stringify(s.default)}`);
		return said.length ? ` <span class="muted">${escape(said.join("; "))}</span>` : "";
	}

	const row = (name, kind, text) => `<tr><td>${name}</td><td>${kind}</td><td>${text}</td></tr>`;
	const table = (rows, what) => rows.length ? `<h4>${what}</h4><table>${rows.join("")}</table>` : "";

	function examples(media) {
		const all = media.example !== undefined ? [["", media.example]] : Object.entries(media.examples ?? {}).map(([, e]) => [deref(e).summary ?? "", deref(e).value]);
		return all.map(([title, value]) =>
			`<details><summary>Example${title ? `: ${inline(title)}` : ""}</summary><pre tabindex="0">${escape(typeof value === "string" ? value : JSON.stringify(value, null, 2))}</pre></details>`).join("");
	}

	const contents = (content) => Object.entries(content ?? {}).map(([kind, media]) => `${code(kind)} ${type(media.schema)}${examples(media)}`).join("");

	function parameter(p) {
		const text = words(p.description ?? deref(p.schema)?.description) + (p.example !== undefined ? `<span class="muted">e.g. ${escape(p.example)}</span>` : "");
		return row(code(p.name), `${escape(p.in)}${p.required ? "" : ", optional"}`, type(p.schema) + bounds(deref(p.schema)) + text);
	}

	function response([status, reference]) {
		const r = deref(reference);
		const headers = Object.entries(r.headers ?? {}).map(([name, h]) => `<p>${code(name)} ${inline(deref(h).description ?? "")}</p>`).join("");
		return row(escape(status), "", words(r.description) + headers + contents(r.content));
	}

	function operation(base, path, item, method) {
		const op = item[method], body = deref(op.requestBody);
		const parameters = [...(item.parameters ?? []), ...(op.parameters ?? [])].map(deref);
		return `<section id="${escape(op.operationId)}"><h3><span class="method ${method}">${method.toUpperCase()}</span> ${escape(base + path)}
			<span class="scope">${op["x-scope"] ? `scope ${escape(op["x-scope"])}` : "for everybody"}</span></h3>
			<p><strong>${inline(op.summary ?? "")}</strong></p>${words(op.description)}
			${table(parameters.map(parameter), "Parameters")}
			${body ? `<h4>Body${body.required ? "" : " (optional)"}</h4>${words(body.description)}${contents(body.content)}` : ""}
			${table(Object.entries(op.responses).map(response), "Answers")}</section>`;
	}

	function member(schema) {
		const required = new Set(schema.required ?? []);
		return Object.entries(schema.properties ?? {}).map(([name, p]) =>
			row(code(name) + (required.has(name) ? "" : ' <span class="muted">may be missing</span>'), type(p) + bounds(p), words(p.description ?? (p.$ref ? "" : deref(p).description))));
	}

	function schema([name, s]) {
		const parts = s.allOf ? s.allOf.map((part) => part.$ref ? `<p>All of ${type(part)}.</p>` : table(member(part), "Members")).join("") : "";
		const rows = member(s);
		return `<section id="schema-${escape(name)}"><h3>${escape(name)}</h3>${words(s.description)}${parts}
			${rows.length ? table(rows, "Members") : parts ? "" : `<p>${type(s)}${bounds(s)}</p>`}</section>`;
	}

	function operations() {
		return Object.entries(spec.paths).flatMap(([path, item]) => {
			const base = (item.servers ?? spec.servers)[0].url.replace(/\/$/, "");
			return METHODS.filter((method) => item[method]).map((method) => ({
				tag: item[method].tags[0], id: item[method].operationId, method, name: base.replace("/api/v1", "") + path, html: operation(base, path, item, method) }));
		});
	}

	return { operations, schemas: () => Object.entries(spec.components.schemas).map((entry) => ({ id: `schema-${entry[0]}`, name: entry[0], html: schema(entry) })) };
}

// The two parts of the page, as HTML: the list of contents, and all of it.
export function render(text) {
	const spec = parseYaml(text), { operations, schemas } = renderer(spec);
	const all = operations(), named = schemas();
	const links = (things) => `<ul>${things.map((o) => `<li><a href="#${o.id}">${o.method ? `<span class="muted">${o.method.toUpperCase()}</span> ` : ""}${escape(o.name)}</a></li>`).join("")}</ul>`;
	const tags = spec.tags.map((tag) => ({ ...tag, own: all.filter((o) => o.tag === tag.name) }));
	return {
		contents: tags.map((tag) => `<p><strong>${escape(tag.name)}</strong></p>${links(tag.own)}`).join("") + `<p><strong>schemas</strong></p>${links(named)}`,
		main: `<h1>${escape(spec.info.title)}: the API</h1>${words(spec.info.description)}<p><a href="/api/v1/openapi.yaml">The same for programs: openapi.yaml</a></p>` +
			tags.map((tag) => `<h2>${inline(tag.description)}</h2>${tag.own.map((o) => o.html).join("")}`).join("") +
			`<h2>What goes over the wire</h2>${named.map((s) => s.html).join("")}`,
	};
}

async function show() {
	const state = document.getElementById("state");
	const reply = await fetch("/api/v1/openapi.yaml");
	if (!reply.ok) {
		state.textContent = reply.status === 401 ? "Log in first, on the page of the rig." : `It cannot be loaded: ${reply.status}.`;
		return;
	}
	const made = render(await reply.text());
	document.getElementById("contents").insertAdjacentHTML("beforeend", made.contents);
	document.getElementById("main").innerHTML = made.main;
	if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

if (globalThis.document) show();
