// How it looks and what it weighs: every view in sizes and colours, axe-core, phone width, bytes.

import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { backedUp } from "./bench.mjs";
import { api, check, DESKTOP, kept, live, openPage, PHONE, rig, same, seen, SOON, until } from "./harness.mjs";
import { axe, fits } from "./sight.mjs";

const WEIGHT = 150 * 1024;

/* Every view, and what is there when it has its data. */
async function everyView() {
	const { id, result } = backedUp();
	const image = (await api("/images")).images[0];
	const trouble = (await api("/jobs?slot=faulty&state=failed&limit=1")).jobs[0];
	return Object.entries({
		"bench": ".result",
		"slots/plug": "tbody tr",
		"jobs": "tbody tr",
		[`jobs/${id}`]: ".spans li",
		[`jobs/${trouble?.id}`]: ".pins",
		"batches": "tbody tr",
		[`batches/${seen.batch}`]: "tbody tr",
		"archive": "tbody tr",
		[`dumps/${result.dump}?at=0x1000`]: ".hexrows .hexrow",
		"devices": "tbody tr",
		[`devices/${result.device}`]: ".timeline li",
		[seen.comparison]: ".hexrows mark",
		"images": "tbody tr",
		[`images/${image?.id}`]: ".map path",
		"rig": ".figures",
	});
}

const LOOKS = [["desktop", "light"], ["desktop", "dark"], ["phone", "light"], ["phone", "dark"]];

/* Goes through all views in one page of that size and colours. */
async function tour([size, colorScheme], fn) {
	const page = await openPage({ viewport: size === "phone" ? PHONE : DESKTOP, colorScheme });
	const waiting = new Set(); // requests without an answer; the stream of events never has one
	page.on("request", (request) => request.resourceType() === "fetch" && waiting.add(request));
	for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => waiting.delete(request));
	await page.goto(rig.daemon.url);
	await live(page);
	for (const [hash, sign] of await everyView()) {
		await page.goto(`${rig.daemon.url}/#/${hash}`);
		await page.locator(sign).first().waitFor({ timeout: SOON });
		await until(() => waiting.size === 0, "answers to all requests");
		await page.locator(sign).first().waitFor({ timeout: SOON }); // still there when all is loaded
		await fn(page, hash, `${hash.replace(/\W+/g, "-")}-${size}-${colorScheme}`);
	}
	await page.context().close();
}

async function looksWell(look, withAxe) {
	const problems = [];
	const note = (error) => problems.push(error.message);
	await tour(look, async (page, hash, name) => {
		await page.screenshot({ path: kept(`${name}.png`), fullPage: true });
		await fits(page, `#/${hash}`).catch(note);
		if (withAxe) await axe(page, `#/${hash}`).catch(note);
	});
	same(problems.join("\n"), "", "problems");
}

/* As it travels; what is served without compression is told beside it. */
async function weighsLittle() {
	const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../web");
	const files = (await readdir(folder)).filter((name) => /\.(html|js|css|svg)$/.test(name));
	let travels = 0;
	let whole = 0;
	for (const name of files) {
		const response = await fetch(`${rig.daemon.url}/${name}`, { headers: { "Accept-Encoding": "gzip" } });
		same(response.status, 200, name);
		travels += Number(response.headers.get("content-length"));
		whole += (await response.arrayBuffer()).byteLength;
	}
	console.log(`table: the page weighs ${(travels / 1024).toFixed(1)} KiB in ${files.length} files as it travels, ${(whole / 1024).toFixed(1)} KiB unpacked`);
	check(travels < WEIGHT, `the page weighs ${travels} bytes`);
}

/* Nothing is asked of anybody but the rig. */
async function asksNobodyElse() {
	const page = await openPage({});
	const foreign = [];
	page.on("request", (request) => request.url().startsWith(rig.daemon.url) || foreign.push(request.url()));
	await page.goto(rig.daemon.url);
	await live(page);
	await page.context().close();
	same(foreign.join(), "", "requests to others");
}

/* The API for people is a page beside this one; its colours are looked at on both ends, since that takes long. */
async function apiPageIsReadable() {
	for (const [viewport, colorScheme] of [[DESKTOP, "light"], [PHONE, "dark"]]) {
		const page = await openPage({ viewport, colorScheme });
		await page.goto(`${rig.daemon.url}/api.html`);
		await page.getByText("/jobs/{id}/cancel").first().waitFor({ timeout: SOON });
		await fits(page, "api.html");
		await page.screenshot({ path: kept(`api-${viewport === PHONE ? "phone" : "desktop"}-${colorScheme}.png`) });
		if (viewport === DESKTOP) await axe(page, "api.html", { rules: { "color-contrast": { enabled: false } } });
		await page.evaluate(() => [...document.getElementById("main").children].slice(15, -5).forEach((it) => it.remove()));
		await axe(page, "both ends of api.html");
		await page.context().close();
	}
}

async function noComplaints() {
	same(rig.complaints.join("\n"), "", "the browser's complaints");
}

export const looks = [
	...LOOKS.map((look) => [`every view fits ${look.join(", ")}, and axe finds nothing serious`, () => looksWell(look, true)]),
	["the page of the API fits, and axe finds nothing serious", apiPageIsReadable],
	["the page weighs less than 150 KiB", weighsLittle],
	["the page asks nobody but the rig", asksNobodyElse],
	["the browser had nothing to complain about", noComplaints],
];
