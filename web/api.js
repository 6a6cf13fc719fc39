// The rig over HTTP. Every failure is an ApiError with the words of the contract.

export const ROOT = "/api/v1";

export class ApiError extends Error {
	constructor(status, { code, message, hint }) {
		super(message);
		Object.assign(this, { status, code, hint });
	}
}

let skew = 0;

/* The rig's clock in milliseconds: a rig without internet may be years off. */
export function rigNow() {
	return Date.now() + skew;
}

export function get(path) {
	return call("GET", path);
}

export function post(path, body, headers) {
	return call("POST", path, body, headers);
}

export function change(path, body) {
	return call("PATCH", path, body);
}

export function remove(path) {
	return call("DELETE", path);
}

const BROKEN_OFF = "Try again. If it stays so, they are damaged in the archive: Check now on the Rig view says where.";

/* The bytes of a content, as they are. */
export async function bytesAt(path, offset, length) {
	const response = await reach(`${path}/content${query({ offset, length })}`, {});
	if (!response.ok) return read(response);
	const bytes = await response.arrayBuffer().catch(() => {
		throw new ApiError(0, { code: "broken-off", message: "The rig broke off before all of these bytes were here.", hint: BROKEN_OFF });
	});
	return new Uint8Array(bytes);
}

/* A file as the body; progress(part of 1) while it goes. */
export function send(path, file, progress) {
	return new Promise((resolve, reject) => {
		const xhr = new XMLHttpRequest();
		xhr.open("POST", ROOT + path);
		xhr.setRequestHeader("Content-Type", path.startsWith("/archive/") ? "application/x-tar" : "application/octet-stream");
		xhr.upload.onprogress = (e) => e.lengthComputable && progress?.(e.loaded / e.total);
		xhr.onerror = () => reject(unreachable());
		xhr.onload = () => read(new Response(xhr.response, {
			status: xhr.status, statusText: xhr.statusText,
			headers: { "Content-Type": xhr.getResponseHeader("Content-Type") ?? "" },
		})).then(resolve, reject);
		xhr.send(file);
	});
}

/* null where the rig has no such thing: an older one, or a part of it that is not there. */
export function getIfThere(path) {
	return get(path).catch((error) => {
		if (error.status === 404) return null;
		throw error;
	});
}

let description = null;

/* Whether this rig has such a path: asked of its own description, since a 404 is noise. */
export async function knows(path) {
	description ??= get("/openapi.yaml").catch(() => "");
	return (await description).includes(`\n  ${path}:\n`);
}

let locked = () => {};

/* fn is called when the rig wants a token that this page does not have. */
export function whenLocked(fn) {
	locked = fn;
}

/* "?a=1&b=2" of what has a value. */
export function query(params) {
	const set = Object.entries(params).filter(([, v]) => v != null && v !== "");
	return set.length ? `?${new URLSearchParams(set)}` : "";
}

/* For Idempotency-Key; crypto.randomUUID() exists on HTTPS only, and a bench is plain HTTP. */
export function freshKey() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

async function call(method, path, body, headers = {}) {
	const init = { method, headers: { ...headers } };
	if (body !== undefined) {
		init.headers["Content-Type"] = "application/json";
		init.body = JSON.stringify(body);
	}
	const response = await reach(path, init);
	const date = Date.parse(response.headers.get("Date") ?? "");
	if (date && Math.abs(date - Date.now()) > 5000) skew = date - Date.now();
	else if (date) skew = 0;
	return read(response);
}

async function reach(path, init) {
	try {
		return await fetch(ROOT + path, init);
	} catch {
		throw unreachable();
	}
}

function unreachable() {
	return new ApiError(0, {
		code: "unreachable",
		message: "The request did not get through.",
		hint: "Is the rig switched on and in this network? Try again when the page is live.",
	});
}

async function read(response) {
	const text = await response.text();
	const json = response.headers.get("Content-Type")?.includes("json");
	const value = json && text ? JSON.parse(text) : text;
	if (response.ok) return value;
	if (response.status === 401 && !response.url.endsWith("/session")) locked();
	throw new ApiError(response.status, value?.error ?? {
		code: "failed", message: `The rig answered ${response.status} ${response.statusText}`.trim(),
	});
}
