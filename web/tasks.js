// What one can have done to a slot, each behind a sheet that says what will come of it.

import { get, getIfThere, post, query } from "./api.js";
import { h } from "./dom.js";
import { dropZone } from "./drop.js";
import * as f from "./format.js";
import { images, loadImages, uploadImage } from "./image_store.js";
import { act, deviceName, field, finding, hasChoice, may, mono, startJob, time, transportOf } from "./parts.js";
import { check, sheet } from "./sheet.js";
import { state } from "./store.js";

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

function backupField(pick) {
	return field("Backup first", h("select", { name: "backup", on: { change: (e) => pick(e.target.value) } },
		BACKUPS.map(([value, words]) => h("option", { value }, words))));
}

/* What a write needs beside its source; the rarely used is folded away. */
function writeOptions(it, moved = () => {}) {
	const pick = (value) => {
		it.backup = value;
		it.changed();
	};
	return h("details", { class: "more-options" }, h("summary", null, "Range, backup and checks"), h("div", { class: "stack" },
		h("div", { class: "pair" },
			field("Offset", h("input", { name: "offset", placeholder: it.place ? f.hex(it.place) : "0x0", on: { change: moved }, ...NUMBER })),
			field("Length", h("input", { name: "length", placeholder: "as long as the source", ...NUMBER }))),
		h("div", { class: "pair" },
			field("Fill the rest with", h("input", { name: "fill", placeholder: "nothing", ...NUMBER })),
			field("Only on a chip with ID", h("input", { name: "expect_jedec_id", placeholder: "0B4016", pattern: "[0-9a-fA-F]{6}", autocomplete: "off" }))),
		backupField(pick), forceField()));
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
		? ["The last verified backup is ", h("a", { href: `#/dumps/${last.id}` }, `dump #${last.id}`), " (", time(last.created_at), ")."]
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

/* Where the bytes come from: an image of the list, one that is dropped, or a dump. */
function sourceFields(it, slot, dumps) {
	const pick = (e) => choose(e.target.value);
	const choose = (value) => {
		it.source = value;
		it.changed();
		if (slot.target) judge(it, slot);
	};
	const take = async (files) => {
		const image = await act(() => uploadImage(files[0], (part) => {
			it.sending = part;
			it.changed();
		}));
		it.sending = null;
		choose(image ? `image ${image.id}` : it.source);
	};
	return [
		field("Source", h("select", { name: "source", required: true, on: { change: pick }, prop: { value: it.source ?? "" } },
			h("option", { value: "" }, "Choose…"),
			h("optgroup", { label: "Images" }, images.list.map((image) =>
				h("option", { value: `image ${image.id}` }, `${image.name} · ${f.bytes(image.size)} · ${image.crc32}`))),
			h("optgroup", { label: "Dumps" }, dumps.map((dump) =>
				h("option", { value: `dump ${dump.id}` }, `${dump.label || dump.slot || "Dump"} #${dump.id} · ${f.bytes(dump.size)} · ${dump.crc32}`))))),
		dropZone({ words: "or drop an image here", take, sending: it.sending, small: true }),
	];
}

/* What the rig says about writing it to such a board, at the place that stands in the sheet. */
async function judge(it, slot) {
	const { image, dump } = source(it);
	it.verdict = it.place = null;
	if (image == null && dump == null) return;
	const asked = it.source;
	const at = it.dialog.querySelector("[name=offset]")?.value.trim();
	const path = image != null ? `/images/${image}` : `/dumps/${dump}`;
	const says = await getIfThere(`${path}/analysis${query({ target: slot.target, at })}`).catch(() => null);
	if (it.source !== asked) return;
	it.verdict = says?.verdict ?? null;
	it.place = says?.write_at || null;
	it.summary = says?.summary ?? null;
	it.changed();
}

const SUITS = { doubtful: ["warn", "Doubtful for this board"], wrong: ["bad", "This does not suit the board"] };

function verdict(it) {
	const [tone, title] = SUITS[it.verdict?.suits] ?? [];
	return [
		it.summary && it.source && h("p", { class: "muted" }, f.cap(it.summary), it.place && [", belongs at ", mono(f.hex(it.place))], "."),
		tone && finding({ message: it.verdict.why ?? "", hint: it.verdict.hint }, { tone, title }),
	];
}

function source(it) {
	const [kind, id] = (it.source ?? "").split(" ");
	return kind ? { [kind]: Number(id) } : {};
}

const fits = (slot) => (dump) => !slot.chip?.size || dump.size <= slot.chip.size;

async function withSources(slot, options) {
	const [, page] = await Promise.all([act(loadImages), act(() => get("/dumps?limit=100"))]);
	const dumps = (page?.dumps ?? []).filter(fits(slot));
	const it = sheet({ ...options, render: (self) => options.render(self, dumps) });
	return it;
}

export async function askWrite(slot, file) {
	let self = {};
	const it = await withSources(slot, {
		title: `Write to ${slot.name}`,
		wide: true,
		render: (now, dumps) => {
			self = now;
			return [
				sourceFields(now, slot, dumps),
				verdict(now),
				writeOptions(now, () => judge(now, slot)),
				loss(slot, now.backup, "This replaces what is on the chip in that range; bytes outside stay as they are."),
				sure(now),
			];
		},
		go: {
			words: "Write", danger: true, ready: () => self.source && !self.sending && isSure(self),
			run: (form) => start(slot, "write", { ...(self.place && { offset: self.place }), ...source(self), ...writeFields(form) }),
		},
	});
	if (file) it.dialog.querySelector(".drop").take([file]);
}

export async function askVerify(slot) {
	let self = {};
	await withSources(slot, {
		title: `Verify ${slot.name}`,
		wide: true,
		render: (now, dumps) => {
			self = now;
			return [
				h("p", null, "Compares the chip with what you choose. Nothing is changed."),
				sourceFields(now, slot, dumps),
				field("Offset of an image", h("input", { name: "offset", placeholder: "0x0", ...NUMBER })),
			];
		},
		go: {
			words: "Verify", ready: () => self.source && !self.sending,
			run: (form) => start(slot, "verify", { ...source(self), ...range(form) }),
		},
	});
}

// ---- restore and erase

/* Dumps of the device in the slot first, its last verified one chosen. */
export async function askRestore(slot, chosen) {
	const page = await act(() => get("/dumps?limit=100"));
	if (!page) return;
	const own = (dump) => dump.device != null && dump.device === slot.device;
	const dumps = page.dumps.filter((dump) => dump.complete && dump.verified).filter(fits(slot));
	if (chosen && !dumps.some((dump) => dump.id === chosen)) dumps.unshift(await get(`/dumps/${chosen}`));
	dumps.sort((a, b) => own(b) - own(a) || b.id - a.id);
	let self = { dump: chosen ?? dumps.find(own)?.id };
	const first = self.dump;
	sheet({
		title: `Restore ${slot.name}`,
		wide: true,
		render: (now) => {
			self = now;
			now.dump ??= first;
			const pick = (e) => {
				now.dump = Number(e.target.value);
				now.changed();
			};
			const it = dumps.find((dump) => dump.id === now.dump);
			if (!dumps.length) return h("p", null, "The archive holds no whole, verified dump that fits into this slot.");
			return [
				field("Dump", h("select", { name: "dump", on: { change: pick }, prop: { value: String(now.dump ?? "") } },
					h("option", { value: "" }, "Choose…"),
					dumps.map((dump) => h("option", { value: String(dump.id) }, dumpWords(dump))))),
				it && h("p", { class: "muted" }, "SHA-256 ", mono(it.sha256)),
				it && !own(it) && check("other_device", `It comes from ${it.device != null ? `another device (${deviceName(it.device)})` : "no known device"}: write it to this one nevertheless`),
				h("details", { class: "more-options" }, h("summary", null, "Backup and checks"),
					h("div", { class: "stack" }, backupField((value) => {
						now.backup = value;
						now.changed();
					}), forceField())),
				loss(slot, now.backup, "The whole chip becomes what the dump holds."),
				sure(now),
			];
		},
		go: {
			words: "Restore", danger: true, ready: () => self.dump && isSure(self),
			run: (form) => start(slot, "restore", { dump: self.dump, ...writeFields(form), ...(form.other_device?.checked && { other_device: true }) }),
		},
	});
}

function dumpWords(dump) {
	const from = dump.device != null ? deviceName(dump.device) : "no device";
	return `${dump.label || dump.slot || "Dump"} #${dump.id} · ${from} · ${f.bytes(dump.size)} · ${f.exactly(Date.parse(dump.created_at))}`;
}

export function askErase(slot) {
	let self = {};
	sheet({
		title: `Erase ${slot.name}`,
		wide: true,
		render: (now) => {
			self = now;
			const pick = (value) => {
				now.backup = value;
				now.changed();
			};
			return [
				loss(slot, now.backup, "Everything on the chip becomes FF, its bootloader too."),
				h("details", { class: "more-options" }, h("summary", null, "Range and backup"), h("div", { class: "stack" },
					h("div", { class: "pair" },
						field("Offset", h("input", { name: "offset", placeholder: "0x0", ...NUMBER })),
						field("Length", h("input", { name: "length", placeholder: "to the end", ...NUMBER }))),
					backupField(pick), forceField())),
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

const BATCH_TYPES = ["backup", "write", "verify", "identify", "blank-check", "erase"];

export async function askBatch() {
	await act(loadImages);
	let self = {};
	sheet({
		title: "New batch",
		wide: true,
		render: (now) => {
			self = now;
			now.type ??= "backup";
			now.slots ??= new Set(state.slots.map((slot) => slot.name));
			return batchFields(now);
		},
		go: {
			words: "Start", get danger() { return ["write", "erase"].includes(self.type); },
			ready: () => self.slots?.size > 0 && (!["write", "verify"].includes(self.type) || self.source) && isSure(self),
			run: (form) => startBatch(self, form),
		},
	});
}

function batchFields(now) {
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
		["write", "verify"].includes(now.type) && sourceFields(now, {}, []),
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

async function startBatch(self, form) {
	const body = {
		type: self.type, slots: [...self.slots], ...texts(form, ["label"]),
		...(["write", "verify"].includes(self.type) && source(self)),
		...(["write", "erase"].includes(self.type) && writeFields(form)),
		...(form.hands_free.checked && { hands_free: true }), ...(form.transport?.value && { transport: form.transport.value }),
	};
	const batch = await act(() => post("/batches", body));
	if (batch) setTimeout(() => { location.hash = batch.hands_free ? `#/hands-free/${batch.id}` : `#/batches/${batch.id}`; });
	return batch;
}
