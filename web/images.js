// The images: what can be written. Upload by drop, rename, delete; and an image's own page.

import { ROOT, change, get, remove } from "./api.js";
import { contentCards, contentOpen, contentView, placeOf } from "./content.js";
import { h, icon } from "./dom.js";
import { dropZone } from "./drop.js";
import { editable } from "./editable.js";
import * as f from "./format.js";
import { absent, heading, older, section, up } from "./frame.js";
import { images, loadImages, uploadImage } from "./image_store.js";
import {
	act, announce, empty, facts, finding, hash, may, moment, mono, named, needs, table, time, whyNot,
} from "./parts.js";
import { confirm } from "./sheet.js";

const sending = { part: null, name: "", done: [] }; // done: what came of the last files

export const imagesView = {
	title: () => "Images",
	open: () => act(loadImages),
	refresh: () => act(loadImages),
	render: () => [
		h("div", { class: "head" }, heading("Images")),
		dropZone({
			words: sending.part != null ? `Sending ${sending.name}` : "or drop images here: they are hashed on the way and kept until you delete them",
			take: upload, sending: sending.part, disabled: !may("operate"), title: whyNot("operate"),
		}),
		sending.done.map((it) => (it.error
			? finding(it.error, { title: `${it.name}: ${f.errorTitle(it.error.code)}` })
			: h("p", { class: "note ok" }, icon("check"), `${it.image.name}: ${f.bytes(it.image.size)} arrived, SHA-256 `, mono(it.image.sha256)))),
		images.list.length ? table("Images", COLUMNS, images.list.map(row)) : empty(h("p", null, "There are no images yet.")),
		images.next != null && older("Older images", () => act(() => loadImages(images.next)).then(imagesView.changed)),
	],
};

async function upload(files) {
	sending.done = [];
	for (const file of files) {
		sending.name = file.name;
		const result = await uploadImage(file, (part) => {
			sending.part = part;
			imagesView.changed?.();
		}).then((image) => ({ image }), (error) => ({ error, name: file.name }));
		sending.done.push(result);
	}
	sending.part = null;
	announce(`${f.count(sending.done.filter((it) => it.image).length, "image")} uploaded`);
	imagesView.changed?.();
}

const COLUMNS = [["Name", "main"], ["Kind"], ["Size", "num"], ["CRC-32"], ["SHA-256", "wide"], ["Uploaded", "date"], ["", "get"]];

function row(it) {
	return {
		key: `image-${it.id}`,
		cells: [
			editable({
				id: `image-${it.id}`, value: it.name, what: `name of image ${it.id}`, changed: imagesView.changed,
				show: () => named(`#/images/${it.id}`, it.name, it.id),
				save: (name) => rename(it, name),
			}),
			it.kind, f.bytes(it.size), mono(it.crc32), hash(it.sha256, { short: true }), time(it.created_at),
			h("button", needs("admin", { type: "button", class: "small", "aria-label": `Delete image ${it.id}`, on: { click: () => askDelete(it) } }), "Delete"),
		],
	};
}

async function rename(it, name) {
	const answer = await act(() => change(`/images/${it.id}`, { name }));
	if (answer) Object.assign(it, answer);
}

function askDelete(it) {
	confirm({
		title: `Delete ${it.name}?`, words: "Delete",
		says: [`The image of ${f.bytes(it.size)} is gone then. Jobs that wrote it keep its SHA-256.`],
		run: async () => {
			if ((await act(() => remove(`/images/${it.id}`))) == null) return null;
			images.list = images.list.filter((other) => other.id !== it.id);
			if (location.hash.startsWith(`#/images/${it.id}`)) location.hash = "#/images";
			imagesView.changed?.();
			return true;
		},
	});
}

// ---- one image

let one = { id: null, it: null, missing: null };
const inside = contentView(() => image.changed?.());

export const image = {
	title: (id) => `Image ${id}`,
	async open(id, params) {
		if (one.id !== Number(id)) one = { id: Number(id), it: null, missing: null };
		const mine = one;
		try {
			mine.it ??= await get(`/images/${id}`);
		} catch (error) {
			mine.missing = error;
			return;
		}
		await contentOpen(inside, { path: `/images/${id}`, href: `#/images/${id}`, size: mine.it.size, at: placeOf(params) });
	},
	render() {
		const { it, missing, id } = one;
		const back = up("#/images", "Images");
		if (!it) return [back, absent("Image", id, missing)];
		const cards = contentCards(inside);
		return [
			back,
			h("div", { class: "head" }, heading(it.name, `#${it.id}`),
				h("div", { class: "actions" },
					h("a", { class: "button primary", href: `${ROOT}/images/${it.id}/content`, download: true }, icon("download"), `Download ${f.bytes(it.size)}`),
					h("button", needs("admin", { type: "button", on: { click: () => askDelete(it) } }), "Delete…"))),
			h("div", { class: "columns" },
				h("div", { class: "stack" },
					section("Facts", facts([
						["Kind", it.kind], ["Size", `${f.bytes(it.size)} (${f.hex(it.size)})`], ["CRC-32", mono(it.crc32)],
						["SHA-256", hash(it.sha256)], ["Uploaded", moment(it.created_at)],
					], "facts list")), cards?.says),
				h("div", { class: "stack" }, cards?.map, cards?.hex)),
		];
	},
};
