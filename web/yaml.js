// Reads the part of YAML that openapi.yaml is written in: mappings and lists, in blocks and in braces, quoted and plain
// scalars, | and >. No anchors, no tags, one document.

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'{[#&*!|>%@`-][^#]*?|-[^\s#][^#]*?):(?=\s|$)/;
const ESCAPES = { n: "\n", t: "\t", r: "\r", 0: "\0", b: "\b", f: "\f" };

function scalar(text) {
	if (text === "" || text === "~" || text === "null") return null;
	if (text === "true" || text === "false") return text === "true";
	if (/^[-+]?\d+$/.test(text) || /^[-+]?(\d+\.\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) return Number(text);
	return text;
}

export function parseYaml(source) {
	const lines = source.split("\n");
	let at = 0; // the line

	const indentOf = (line) => line.length - line.trimStart().length;
	const fail = (why) => {
		throw new Error(`line ${at + 1}: ${why}`);
	};

	// The next line that says something, or the end.
	function skip() {
		while (at < lines.length && /^\s*(#.*)?$/.test(lines[at])) at++;
		return at < lines.length;
	}

	function block(indent) {
		if (!skip()) return null;
		return /^- |^-$/.test(lines[at].slice(indent)) ? list(indent) : map(indent);
	}

	function list(indent) {
		const all = [];
		while (skip() && indentOf(lines[at]) === indent && /^-( |$)/.test(lines[at].slice(indent))) {
			const rest = lines[at].slice(indent + 1);
			if (!rest.trim()) {
				at++;
				all.push(below(indent));
				continue;
			}
			const inner = indent + 1 + indentOf(rest);
			lines[at] = " ".repeat(inner) + rest.trimStart();
			all.push(KEY.test(rest.trimStart()) || /^- /.test(rest.trimStart()) ? block(inner) : value(inner, indent));
		}
		return all;
	}

	function map(indent) {
		const all = {};
		while (skip() && indentOf(lines[at]) === indent) {
			const found = KEY.exec(lines[at].slice(indent));
			if (!found) fail("no key");
			const from = indent + found[0].length;
			const key = /^["']/.test(found[1]) ? quoted({ text: found[1], at: 0 }) : found[1].trim();
			all[key] = value(from, indent);
		}
		if (at < lines.length && indentOf(lines[at]) > indent) fail("indentation");
		return all;
	}

	// What stands deeper than indent, or a list right below its key.
	function below(indent) {
		if (!skip()) return null;
		const deeper = indentOf(lines[at]);
		const line = lines[at].slice(deeper);
		if (deeper > indent) return KEY.test(line) || /^-( |$)/.test(line) ? block(deeper) : value(deeper, indent);
		return deeper === indent && /^- /.test(lines[at].slice(indent)) ? list(indent) : null;
	}

	function value(from, indent) {
		const rest = lines[at].slice(from).trimStart();
		if (!rest || rest.startsWith("#")) {
			at++;
			return below(indent);
		}
		if (/^[|>]/.test(rest)) return text(rest, indent);
		if (/^["'{[]/.test(rest)) return flow(from);
		return plain(rest, indent);
	}

	function plain(rest, indent) {
		const strip = (line) => line.replace(/\s+#.*$/, "").trim();
		let words = strip(rest);
		for (at++; at < lines.length && lines[at].trim() && indentOf(lines[at]) > indent; at++) words += ` ${strip(lines[at])}`;
		return scalar(words);
	}

	// | keeps the ends of lines, > folds them; with - the last one goes.
	function text(rest, indent) {
		const folds = rest[0] === ">", kept = [];
		let depth = 0;
		for (at++; at < lines.length && (!lines[at].trim() || indentOf(lines[at]) > indent); at++) {
			depth = depth || indentOf(lines[at]);
			kept.push(lines[at].slice(depth));
		}
		while (kept.length && !kept.at(-1).trim()) kept.pop();
		const joined = folds ? kept.join("\n").replace(/([^\n])\n(?=[^\n])/g, "$1 ").replace(/\n\n/g, "\n") : kept.join("\n");
		return rest[1] === "-" ? joined : `${joined}\n`;
	}

	// ---- within braces and quotes, over the ends of lines

	function flow(from) {
		const s = { text: lines[at].slice(from), at: 0, more: () => ++at < lines.length ? `\n${lines[at].trim()}` : fail("no end") };
		const read = item(s);
		if (!/^\s*(#.*)?$/.test(s.text.slice(s.at))) fail("something behind the value");
		at++;
		return read;
	}

	function space(s) {
		for (;;) {
			while (/\s/.test(s.text[s.at] ?? "")) s.at++;
			if (s.text[s.at] === "#" && /\s/.test(s.text[s.at - 1])) {
				const end = s.text.indexOf("\n", s.at);
				s.at = end < 0 ? s.text.length : end;
			}
			if (s.at < s.text.length && !/\s/.test(s.text[s.at])) return s.text[s.at];
			if (s.at >= s.text.length) s.text += s.more();
		}
	}

	function item(s) {
		const first = space(s);
		if (first === "{") return pairs(s);
		if (first === "[") return items(s);
		if (first === '"' || first === "'") return quoted(s);
		return scalar(bare(s));
	}

	function bare(s) {
		const from = s.at;
		while (s.at < s.text.length && !/[,{}[\]\n]/.test(s.text[s.at]) && !(s.text[s.at] === ":" && /[\s,}]|^$/.test(s.text[s.at + 1] ?? ""))) s.at++;
		return s.text.slice(from, s.at).trim();
	}

	function pairs(s) {
		const all = {};
		s.at++;
		while (space(s) !== "}") {
			const key = /["']/.test(s.text[s.at]) ? quoted(s) : bare(s);
			if (space(s) !== ":") fail(`no value for ${key}`);
			s.at++;
			all[key] = /[,}]/.test(space(s)) ? null : item(s);
			if (space(s) === ",") s.at++;
		}
		s.at++;
		return all;
	}

	function items(s) {
		const all = [];
		s.at++;
		while (space(s) !== "]") {
			all.push(item(s));
			if (space(s) === ",") s.at++;
		}
		s.at++;
		return all;
	}

	function quoted(s) {
		const mark = s.text[s.at++];
		let out = "";
		for (;;) {
			if (s.at >= s.text.length) s.text += s.more();
			const c = s.text[s.at++];
			if (c === mark && mark === "'" && s.text[s.at] === "'") out += s.text[s.at++];
			else if (c === mark) return out;
			else if (c === "\\" && mark === '"') {
				const e = s.text[s.at++];
				const hex = { x: 2, u: 4 }[e];
				if (hex) out += String.fromCharCode(parseInt(s.text.slice(s.at, s.at += hex), 16));
				else out += ESCAPES[e] ?? e;
			} else out += c === "\n" ? " " : c;
		}
	}

	skip();
	return block(0);
}
