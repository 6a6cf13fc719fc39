// What a content says about itself: chip, layout, firmware, versions, MAC, configuration.

import { ROOT } from "./api.js";
import { h, icon } from "./dom.js";
import * as f from "./format.js";
import { section } from "./frame.js";
import { badge, facts, may, mono, table } from "./parts.js";

/* it is what /analysis of path gave; link(at) the page that shows the bytes there; secrets() shows what is masked. */
export function analysisCards(it, link, { path, secrets }) {
	if (!it) return null;
	return [head(it), it.partitions?.length > 0 && partitions(it, path, link), settings(it, link, secrets)];
}

function head(it) {
	const { firmware, bootloader, chip, layout, versions, scrambling } = it;
	return section("What it says",
		it.summary && h("p", { class: "summary" }, it.summary),
		(it.warnings ?? []).map((text) => h("p", { class: "note warn" }, icon("warn"), text)),
		facts([
			["Made for", chip && [(chip.target ?? chip.family ?? "").toUpperCase(), chip.sure && h("span", { class: "muted" }, ` ${chip.sure}`)]],
			["Firmware", firmware && [firmware.name, firmware.version].filter(Boolean).join(" ")],
			["Built", firmware?.built],
			["SDK", firmware?.sdk ?? versions?.sdk],
			["Bootloader", bootloader && [bootloader.vendor, bootloader.version ?? bootloader.text].filter(Boolean).join(" ")],
			["Layout", layout?.title ?? layout?.name],
			["Scrambled", scrambling?.scrambled ? ["yes", scrambling.key && `, key ${scrambling.key}`] : null],
			["MAC", mono(it.mac)],
			["Wi-Fi", it.configuration?.ssid],
		], "facts list"));
}

const PROOFS = new Map([[true, ["ok", "sums right"]], [false, ["bad", "sums wrong"]]]);

function partitions({ partitions: list, scrambling }, path, link) {
	const bytes = (it, decoded) => h("a", {
		class: "small-link", href: `${ROOT}${path}/partitions/${encodeURIComponent(it.name)}${decoded ? "?decoded=1" : ""}`, download: true,
		"aria-label": `${decoded ? "decoded" : "raw"} bytes of ${it.name}`, title: decoded ? "As the CPU sees it: without CRCs, in clear" : "As it stands in the flash",
	}, decoded ? "decoded" : "raw");
	const proof = (ok) => {
		const [tone, text] = PROOFS.get(ok) ?? [];
		return tone && badge(tone, ok ? "check" : "cross", text);
	};
	return table("Partitions", [["Partition", "main"], ["From"], ["Length", "num"], ["Holds", "wide"], ["Proof", "side"], ["Bytes"]], list.map((it) => ({
		key: `part-${it.offset}-${it.name}`,
		cells: [
			h("a", { class: "strong", href: link(it.offset) }, it.name), mono(f.hex(it.offset)), f.bytes(it.length),
			h("span", { class: "muted" }, it.kind, it.used_sectors != null && ` · ${f.count(it.used_sectors, "sector")} used`), proof(it.ok) ?? "–",
			[bytes(it), scrambling && it.kind === "code" && [" ", bytes(it, true)]],
		],
	})));
}

function settings({ configuration }, link, secrets) {
	const list = configuration?.settings ?? [];
	if (!list.length) return null;
	const hidden = list.some((it) => it.masked);
	return h("section", { class: "card", "aria-labelledby": "settings" },
		h("div", { class: "jobline" }, h("h2", { id: "settings" }, "Configuration ", h("span", { class: "muted" }, list.length)),
			hidden && secrets && may("admin") && h("button", { type: "button", class: "small", on: { click: secrets } }, "Show secrets")),
		hidden && !may("admin") && h("p", { class: "muted" }, "Secrets are shown to an admin only."),
		h("dl", { class: "facts list settings" }, list.map((it) => h("div", null,
			h("dt", null, h("a", { href: link(it.offset) }, it.name), h("small", { class: "muted block" }, it.store)),
			h("dd", null, it.masked ? h("span", { class: "muted" }, `hidden, ${f.count(it.length, "byte")}`) : mono(valueText(it.value)))))));
}

function valueText(value) {
	return value != null && typeof value === "object" ? JSON.stringify(value) : String(value ?? "");
}
