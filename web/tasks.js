// What one can have done to a slot, each behind a sheet that says what will come of it.

import { get, getIfThere, post, query } from "./api.js";
import { chooser, dumpChoice, findDumps } from "./chooser.js";
import { h } from "./dom.js";
import { dropZone } from "./drop.js";
import * as f from "./format.js";
import { images, loadImages, uploadImage } from "./image_store.js";
import { act, deviceName, dumpLink, field, finding, hasChoice, may, mono, startJob, time, transportOf } from "./parts.js";
import { check, sheet } from "./sheet.js";
import { askDevice, state } from "./store.js";

/* Starts a job of a slot over the wires that were chosen for it. */
export function start(slot, type, fields = {}) {
	const transport = transportOf(slot);
	return startJob({ type, slot: slot.name, ...fields, ...(transport === "uart" && { transport }) });
}

export function askBackup(slot) {
	return sheet({
		title: `Backup of ${slot.name}`,
		render: () => [
			field("Label", h("input", { name: "label", maxlength: 200, autocomplete: "off", placeholder: "e.g. before the update", autofocus: true })),
			rangeFields("Only a part of the chip"),
			h("p", { class: "muted" }, "The label is kept with the dump and can be changed later."),
		],
		go: { words: "Start backup", run: (form) => start(slot, "backup", { ...texts(form, ["label"]), ...range(form) }) },
	});
}

export function askBlank(slot) {
	return sheet({
		title: `Is ${slot.name} blank?`,
		render: () => [h("p", null, "Reads and says where the first byte is that is not FF. Nothing is changed."), rangeFields("Only a part of the chip")],
		go: { words: "Check", run: (form) => start(slot, "blank-check", range(form)) },
	});
}

// ---- fields

function texts(form, names) {
	return Object.fromEntries(names.map((name) => [name, form.querySelector(`[name=${name}]`)?.value.trim()]).filter(([, value]) => value));
}

/* Numbers as people type them: 69632 or 0x11000; the rig takes both. */
function number(text) {
	return /^\d+$/.test(text) ? Number(text) : text;
}

function range(form) {
	return Object.fromEntries(Object.entries(texts(form, ["offset", "length"])).map(([name, text]) => [name, number(text)]));
}

const NUMBER = { autocomplete: "off", spellcheck: "false", pattern: "\\d+|0[xX][0-9a-fA-F]+", title: "A number, or hex as 0x11000" };

function rangeFields(title) {
	return h("details", { class: "more-options" }, h("summary", null, title), h("div", { class: "pair" },
		field("Offset", h("input", { name: "offset", placeholder: "0x0", ...NUMBER })),
		field("Length", h("input", { name: "length", placeholder: "to the end", ...NUMBER }))));
}

const BACKUPS = [
	["auto", "unless the archive holds exactly this content"], ["always", "in any case"], ["never", "never: no way back"],
];

function backupField(it) {
	const change = (e) => {
		it.backup = e.target.value;
		it.changed();
	};
	return field("Backup first", h("select", { name: "backup", on: { change } },
		BACKUPS.map(([value, words]) => h("option", { value }, words))));
}

/* What a write needs beside its source; the rarely used is folded away. */
function writeOptions(it, moved = () => {}) {
	return h("details", { class: "more-options" }, h("summary", null, "Range, backup and checks"), h("div", { class: "stack" },
		h("div", { class: "pair" },
			field("Offset", h("input", { name: "offset", placeholder: it.place ? f.hex(it.place) : "0x0", on: { change: moved }, ...NUMBER })),
			field("Length", h("input", { name: "length", placeholder: "as long as the source", ...NUMBER }))),
		h("div", { class: "pair" },
			field("Fill the rest with", h("input", { name: "fill", placeholder: "nothing", ...NUMBER })),
			field("Only on a chip with ID", h("input", { name: "expect_jedec_id", placeholder: "0B4016", pattern: "[0-9a-fA-F]{6}", autocomplete: "off" }))),
		backupField(it), forceField()));
}

function forceField() {
	return may("admin") && check("force", "Force: let it write what the rig would refuse (bootloader, protection)");
}

function writeFields(form) {
	return {
		...range(form), ...texts(form, ["expect_jedec_id"]),
		...(form.fill?.value && { fill: number(form.fill.value.trim()) }),
		...(form.backup && form.backup.value !== "auto" && { backup: form.backup.value }),
		...(form.force?.checked && { force: true }),
	};
}

// ---- what will be lost

function contents(slot) {
	const { chip, device } = slot;
	if (!chip) return "whatever chip is in it (none has been seen yet)";
	return [chip.name ?? chip.jedec_id, chip.size && `, ${f.bytes(chip.size)}`, device != null && [", ", h("b", null, deviceName(device))]];
}

/* The way back as it stands, and what the rig does about it before it changes a byte. */
function loss(slot, backup, what) {
	const last = state.backups.get(slot.device);
	const known = last
		? ["The last verified backup is ", dumpLink(last.id, `dump #${last.id}`), " (", time(last.created_at), ")."]
		: slot.device != null ? "There is no verified backup of it in the archive."
			: "Which device it is is not known before a job has read it; the archive may hold a backup of it.";
	return h("div", { class: "finding loss", "data-tone": backup === "never" ? "bad" : "warn" },
		h("strong", null, what),
		h("p", null, "In the slot: ", contents(slot), "."),
		h("p", null, known),
		h("p", null, backup === "never"
			? "No backup is made. What is on the chip now is gone for good unless that dump holds it."
			: "Before the first byte changes, what is on the chip now is in the archive, proven; otherwise nothing is written."));
}

function sure(it) {
	if (it.backup !== "never") return null;
	const change = (e) => {
		it.sure = e.target.checked;
		it.changed();
	};
	return check("sure", "I know that there may be no way back", { on: { change } });
}

const isSure = (it) => it.backup !== "never" || it.sure;

// ---- write and verify

const imageChoice = (image) => ({ value: `image ${image.id}`, words: image.name, more: `${f.bytes(image.size)} · ${image.crc32}`, group: "Images" });

/* The newest images with that in their name: the rig does not look for them itself. */
async function findImages(q) {
	const fits = () => images.list.filter((image) => image.name.toLowerCase().includes(q.toLowerCase()));
	if (!q) await loadImages();
	while (images.next != null && fits().length < IMAGES_SHOWN) await loadImages(images.next);
	return { choices: fits().slice(0, IMAGES_SHOWN).map(imageChoice), goesOn: fits().length > IMAGES_SHOWN };
}

const IMAGES_SHOWN = 20;

/* Where the bytes come from: an image, one that is dropped, or a dump that fits. */
function sourceOf(slot, picked) {
	const ask = async (q) => {
		const [found, dumps] = await Promise.all([findImages(q), findDumps({ q, own: slot.device, max_size: slot.chip?.size })]);
		const all = dumps.choices.map((choice) => ({ ...choice, value: `dump ${choice.value}`, group: "Dumps" }));
		return { choices: [...found.choices, ...all], goesOn: found.goesOn || dumps.goesOn };
	};
	return chooser({ name: "source", label: "Source", placeholder: "Name of an image; label, chip or device of a dump", ask, picked });
}

function sourceFields(it, from) {
	const take = async (files) => {
		const image = await act(() => uploadImage(files[0], (part) => {
			it.sending = part;
			it.changed();
		}));
		it.sending = null;
		if (image) from.choose(imageChoice(image));
		else it.changed();
	};
	return [from.fields(it), dropZone({ words: "or drop an image here", take, sending: it.sending, small: true })];
}

/* What the rig says about writing it to such a board, at the place that stands in the sheet. */
async function judge(it, slot, from) {
	const { image, dump } = bytesFrom(from);
	it.verdict = it.place = it.summary = null;
	if (!from.value || !slot.target) return;
	const asked = from.value;
	const at = it.dialog.querySelector("[name=offset]")?.value.trim();
	const path = image != null ? `/images/${image}` : `/dumps/${dump}`;
	const says = await getIfThere(`${path}/analysis${query({ target: slot.target, at })}`).catch(() => null);
	if (from.value !== asked) return;
	it.verdict = says?.verdict ?? null;
	it.place = says?.write_at || null;
	it.summary = says?.summary ?? null;
	it.changed();
}

const SUITS = { doubtful: ["warn", "Doubtful for this board"], wrong: ["bad", "This does not suit the board"] };

function verdict(it) {
	const [tone, title] = SUITS[it.verdict?.suits] ?? [];
	return [
		it.summary && h("p", { class: "muted" }, f.cap(it.summary), it.place && [", belongs at ", mono(f.hex(it.place))], "."),
		tone && finding({ message: it.verdict.why ?? "", hint: it.verdict.hint }, { tone, title }),
	];
}

function bytesFrom({ value }) {
	const [kind, id] = (value ?? "").split(" ");
	return kind ? { [kind]: Number(id) } : {};
}

export function askWrite(slot, file) {
	let self = {};
	const from = sourceOf(slot, () => judge(self, slot, from));
	const it = sheet({
		title: `Write to ${slot.name}`,
		wide: true,
		render: (now) => {
			self = now;
			return [
				sourceFields(now, from),
				verdict(now),
				writeOptions(now, () => judge(now, slot, from)),
				loss(slot, now.backup, "This replaces what is on the chip in that range; bytes outside stay as they are."),
				sure(now),
			];
		},
		go: {
			words: "Write", danger: true, ready: () => from.value && !self.sending && isSure(self),
			run: (form) => start(slot, "write", { ...(self.place && { offset: self.place }), ...bytesFrom(from), ...writeFields(form) }),
		},
	});
	if (file) it.dialog.querySelector(".drop").take([file]);
}

export function askVerify(slot) {
	let self = {};
	const from = sourceOf(slot);
	sheet({
		title: `Verify ${slot.name}`,
		wide: true,
		render: (now) => {
			self = now;
			return [
				h("p", null, "Compares the chip with what you choose. Nothing is changed."),
				sourceFields(now, from),
				field("Offset of an image", h("input", { name: "offset", placeholder: "0x0", ...NUMBER })),
			];
		},
		go: {
			words: "Verify", ready: () => from.value && !self.sending,
			run: (form) => start(slot, "verify", { ...bytesFrom(from), ...range(form) }),
		},
	});
}

// ---- restore and erase

/* Dumps of the device in the slot first, its last verified one chosen. */
export async function askRestore(slot, chosen) {
	if (slot.device != null && !state.backups.has(slot.device)) await askDevice(slot.device);
	const first = chosen != null ? await act(() => get(`/dumps/${chosen}`)) : state.backups.get(slot.device);
	const from = chooser({
		name: "dump", label: "Dump", placeholder: "Label, chip, device…", chosen: first ? dumpChoice(first) : null,
		ask: (q) => findDumps({ q, own: slot.device, verified: 1, max_size: slot.chip?.size, fits: (dump) => dump.complete }),
	});
	let self = {};
	sheet({
		title: `Restore ${slot.name}`,
		wide: true,
		render: (now) => {
			self = now;
			const it = from.chosen?.of;
			const own = it?.device != null && it.device === slot.device;
			return [
				from.fields(now),
				it && h("p", { class: "muted" }, "SHA-256 ", mono(it.sha256)),
				it && !own && check("other_device", foreign(it, slot)),
				h("details", { class: "more-options" }, h("summary", null, "Backup and checks"), h("div", { class: "stack" }, backupField(now), forceField())),
				loss(slot, now.backup, "The whole chip becomes what the dump holds."),
				sure(now),
			];
		},
		go: {
			words: "Restore", danger: true, ready: () => from.value && isSure(self),
			run: (form) => start(slot, "restore", { dump: Number(from.value), ...writeFields(form), ...(form.other_device?.checked && { other_device: true }) }),
		},
	});
}

function foreign({ device }, slot) {
	if (device == null) return "It comes from no known device: write it to this one nevertheless";
	if (slot.device == null) return `It comes from ${deviceName(device)}: write it even if another device is in the slot`;
	return `It comes from another device (${deviceName(device)}): write it to this one nevertheless`;
}

export function askErase(slot) {
	let self = {};
	sheet({
		title: `Erase ${slot.name}`,
		wide: true,
		render: (now) => {
			self = now;
			return [
				loss(slot, now.backup, "Everything on the chip becomes FF, its bootloader too."),
				h("details", { class: "more-options" }, h("summary", null, "Range and backup"), h("div", { class: "stack" },
					h("div", { class: "pair" },
						field("Offset", h("input", { name: "offset", placeholder: "0x0", ...NUMBER })),
						field("Length", h("input", { name: "length", placeholder: "to the end", ...NUMBER }))),
					backupField(now), forceField())),
				sure(now),
			];
		},
		go: { words: "Erase", danger: true, ready: () => isSure(self), run: (form) => start(slot, "erase", writeFields(form)) },
	});
}

export function askBootlog(slot) {
	return sheet({
		title: `Record the boot log of ${slot.name}`,
		render: () => [
			h("p", null, "Resets the board and keeps what its log UART says in the archive."),
			field("Seconds", h("input", { name: "seconds", type: "number", min: 1, max: 3600, value: 10 })),
		],
		go: { words: "Record", run: (form) => startJob({ type: "bootlog", slot: slot.name, seconds: Number(form.seconds.value) }) },
	});
}

// ---- many slots at once

const takesSource = ({ type }) => ["write", "verify"].includes(type);
const BATCH_TYPES = ["backup", "write", "verify", "identify", "blank-check", "erase"];

export function askBatch() {
	const from = sourceOf({});
	let self = {};
	sheet({
		title: "New batch",
		wide: true,
		render: (now) => {
			self = now;
			now.type ??= "backup";
			now.slots ??= new Set(state.slots.map((slot) => slot.name));
			return batchFields(now, from);
		},
		go: {
			words: "Start", get danger() { return ["write", "erase"].includes(self.type); },
			ready: () => self.slots?.size > 0 && (!takesSource(self) || from.value) && isSure(self),
			run: (form) => startBatch(self, from, form),
		},
	});
}

function batchFields(now, from) {
	const pickType = (e) => {
		now.type = e.target.value;
		now.backup = undefined;
		now.changed();
	};
	const toggle = (name) => (e) => {
		if (e.target.checked) now.slots.add(name);
		else now.slots.delete(name);
		now.changed();
	};
	const changes = ["write", "erase"].includes(now.type);
	return [
		h("div", { class: "pair" },
			field("What to do", h("select", { name: "type", on: { change: pickType }, prop: { value: now.type } },
				BATCH_TYPES.map((type) => h("option", { value: type }, f.typeName(type))))),
			field("Label", h("input", { name: "label", maxlength: 200, autocomplete: "off", placeholder: "e.g. lot 7" }))),
		h("fieldset", null, h("legend", null, "Slots"), state.slots.map((slot) =>
			check("slots", slot.name, { value: slot.name, on: { change: toggle(slot.name) }, prop: { checked: now.slots.has(slot.name) } }))),
		offersUart(now.slots) && field("Over", h("select", { name: "transport" }, h("option", { value: "" }, "SPI"), h("option", { value: "uart" }, "UART"))),
		takesSource(now) && sourceFields(now, from),
		changes && writeOptions(now),
		check("hands_free", "Hands-free: watch for boards, do each that is put in, and wait for the next"),
		changes && h("div", { class: "finding", "data-tone": now.backup === "never" ? "bad" : "warn" },
			h("strong", null, `What is on ${f.count(now.slots.size, "board")} is replaced`),
			h("p", null, now.backup === "never"
				? "No backup is made: what is on them now is gone for good."
				: "Each board's content is in the archive, proven, before its first byte changes.")),
		changes && sure(now),
	];
}

/* Where every board that is chosen has both ways. */
function offersUart(names) {
	const chosen = state.slots.filter((slot) => names.has(slot.name));
	return chosen.length > 0 && chosen.every(hasChoice);
}

async function startBatch(self, from, form) {
	const body = {
		type: self.type, slots: [...self.slots], ...texts(form, ["label"]),
		...(takesSource(self) && bytesFrom(from)),
		...(["write", "erase"].includes(self.type) && writeFields(form)),
		...(form.hands_free.checked && { hands_free: true }), ...(form.transport?.value && { transport: form.transport.value }),
	};
	const batch = await act(() => post("/batches", body));
	if (batch) setTimeout(() => { location.hash = batch.hands_free ? `#/hands-free/${batch.id}` : `#/batches/${batch.id}`; });
	return batch;
}
