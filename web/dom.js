// Builds elements and brings what is on the page to what it should be, so that a view can be a
// plain function of the state. Text goes in as text nodes only; nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";
const own = new WeakMap(); // element -> { on, prop }

/*
 * h("a", { href, class, key, on: { click }, prop: { value } }, ...children)
 * null and false leave an attribute or a child out, true is an attribute without a value.
 * key ties an element to a thing over updates; keep: true leaves its content alone after the first.
 */
export function h(tag, attrs, ...children) {
	const node = document.createElement(tag);
	const { on = {}, prop = {}, key, keep, ...rest } = attrs ?? {};
	if (key != null) node.dataset.key = key;
	if (keep) node.dataset.keep = "";
	for (const [name, value] of Object.entries(rest)) {
		if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
	}
	node.append(...flat(children));
	own.set(node, { on, prop });
	for (const [name, fn] of Object.entries(on)) node[`on${name}`] = fn;
	Object.assign(node, prop);
	return node;
}

/* Children as the DOM takes them. */
function flat(children) {
	return children.flat(9).filter((c) => c != null && c !== false && c !== "");
}

const ICONS = {
	tag: "M3 3h6l8 8-6 6-8-8zM6.5 6.5h.01",
	copy: "M7 7h9v10H7zM4 13V3h9",
	check: "m4 10.5 4 4 8-9",
	cross: "m5 5 10 10M15 5 5 15",
	download: "M10 3v9m-4-4 4 4 4-4M4 16.5h12",
	pencil: "m4 16 1-4 8-8 3 3-8 8zm7-10 3 3",
};

export function icon(name) {
	const svg = document.createElementNS(SVG, "svg");
	const path = document.createElementNS(SVG, "path");
	svg.setAttribute("viewBox", "0 0 20 20");
	svg.setAttribute("class", "icon");
	svg.setAttribute("aria-hidden", "true");
	path.setAttribute("d", ICONS[name]);
	svg.append(path);
	return svg;
}

/* Makes parent's children what `next` says, reusing elements, so that focus and scroll stay. */
export function patch(parent, next) {
	const wanted = flat([next]).map((c) => (c instanceof Node ? c : document.createTextNode(c)));
	const keys = new Set(wanted.map(keyOf).filter(Boolean));
	for (const child of [...parent.children]) {
		if (keyOf(child) && !keys.has(keyOf(child))) child.remove();
	}
	const known = new Map([...parent.children].map((c) => [keyOf(c), c]));
	let live = parent.firstChild;
	for (const want of wanted) {
		const match = keyOf(want) ? known.get(keyOf(want)) : live;
		if (!match || !alike(match, want)) {
			parent.insertBefore(want, live);
			continue;
		}
		if (match === live) live = live.nextSibling;
		else parent.insertBefore(match, live);
		update(match, want);
	}
	while (live) {
		const after = live.nextSibling;
		live.remove();
		live = after;
	}
}

function keyOf(node) {
	return node.dataset?.key;
}

function alike(a, b) {
	return a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function update(live, want) {
	if (live.nodeType !== Node.ELEMENT_NODE) {
		if (live.data !== want.data) live.data = want.data;
		return;
	}
	updateAttributes(live, want);
	updateOwn(live, want);
	if (live.dataset.keep == null) patch(live, [...want.childNodes]);
}

function updateAttributes(live, want) {
	for (const { name } of [...live.attributes]) {
		if (!want.hasAttribute(name)) live.removeAttribute(name);
	}
	for (const { name, value } of want.attributes) {
		if (live.getAttribute(name) !== value) live.setAttribute(name, value);
	}
}

function updateOwn(live, want) {
	const before = own.get(live);
	const after = own.get(want);
	if (!after) return;
	for (const name of Object.keys(before?.on ?? {})) live[`on${name}`] = null;
	for (const [name, fn] of Object.entries(after.on)) live[`on${name}`] = fn;
	if (live !== document.activeElement) Object.assign(live, after.prop);
	own.set(live, after);
}
