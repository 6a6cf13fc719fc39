// The images as far as they were asked for, and how a file becomes one.

import { get, query, send } from "./api.js";

export const images = { list: [], next: null };

export async function loadImages(before) {
	const page = await get(`/images${query({ limit: 100, before })}`);
	images.list = before == null ? page.images : [...images.list, ...page.images];
	images.next = page.next;
	return page;
}

/* Sends it, with its hash where the browser can make one: crypto.subtle exists on HTTPS and localhost only. */
export async function uploadImage(file, progress) {
	progress?.(0);
	const image = await send(`/images${query({ name: file.name, sha256: await sha256(file) })}`, file, progress);
	images.list = [image, ...images.list.filter((it) => it.id !== image.id)];
	return image;
}

const HASHED_MAX = 128 * 1024 * 1024; // it is in memory meanwhile

export async function sha256(file) {
	if (!crypto.subtle || file.size > HASHED_MAX) return null;
	const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
	return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
}
