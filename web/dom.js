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

/* The same for drawings: attributes only, no key, no events. */
export function svg(tag, attrs, ...children) {
	const node = document.createElementNS(SVG, tag);
	for (const [name, value] of Object.entries(attrs ?? {})) {
		if (value != null && value !== false) node.setAttribute(name, value);
	}
	node.append(...flat(children));
	return node;
}

/* Something big that stays as it is while its key is the same: built when it comes onto the page. */
export function still(key, attrs, build) {
	const node = h("div", { ...attrs, key, keep: true });
	builders.set(node, build);
	return node;
}

const builders = new WeakMap();

function plant(parent, node, before) {
	parent.insertBefore(node, before);
	if (node.nodeType !== Node.ELEMENT_NODE) return;
	for (const each of [node, ...node.querySelectorAll("[data-keep]")]) {
		each.append(...flat([builders.get(each)?.()]));
		builders.delete(each);
	}
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
	upload: "M10 12V3m-4 4 4-4 4 4M4 16.5h12",
	pencil: "m4 16 1-4 8-8 3 3-8 8zm7-10 3 3",
	warn: "M10 3 2 17h16zM10 8v4m0 2.5v.01",
	full: "M3 8V3h5m4 0h5v5m0 4v5h-5m-4 0H3v-5",
};

export function icon(name) {
	return svg("svg", { viewBox: "0 0 20 20", class: "icon", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
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
			plant(parent, want, live);
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
	if (live.dataset.keep == null) patch(live, [...want.childNodes]);
	updateOwn(live, want); // after its children: the value of a select is one of them
}

/* style comes by prop, since the page's policy allows no attribute of it; open is the reader's. */
function isOurs(node, name) {
	return name !== "style" && !(name === "open" && node.nodeName === "DETAILS");
}

function updateAttributes(live, want) {
	for (const { name } of [...live.attributes]) {
		if (isOurs(live, name) && !want.hasAttribute(name)) live.removeAttribute(name);
	}
	for (const { name, value } of want.attributes) {
		if (isOurs(live, name) && live.getAttribute(name) !== value) live.setAttribute(name, value);
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
