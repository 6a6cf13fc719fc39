// The page in a real browser against the real daemon with its demo boards.
//
//   node run.mjs --daemon build/.../flashrigd --out DIR
//
// One line per test: "ok   name", "FAIL name: why" or "skip name: why". Exit status 1 when one
// failed. Screenshots, the download and the daemon's messages are left in DIR.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { archive } from "./archive.mjs";
import { batch } from "./batch.mjs";
import { bench } from "./bench.mjs";
import { Daemon } from "./daemon.mjs";
import { door } from "./door.mjs";
import { flows } from "./flows.mjs";
import { kept, openPage, options, rig, Skip } from "./harness.mjs";
import { looks } from "./looks.mjs";
import { own } from "./own.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const CHROMIUM_ARGS = [
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/* In the order of a morning at the bench: what one leaves, a later one uses. */
const TESTS = [...bench, ...archive, ...batch, ...door, ...own, ...flows, ...looks].filter(([name]) => name.includes(options.only ?? ""));

async function runOne([name, fn]) {
	try {
		await fn();
		console.log(`ok   ${name}`);
		return true;
	} catch (error) {
		if (error instanceof Skip) {
			console.log(`skip ${name}: ${error.message}`);
			return true;
		}
		console.log(`FAIL ${name}: ${error.message.split("\n")[0]}`);
		await rig.page?.screenshot({ path: kept(`FAIL-${TESTS.findIndex((t) => t[0] === name)}.png`) }).catch(() => {});
		await rig.page?.keyboard.press("Escape").catch(() => {}); // a sheet that is still open
		return false;
	}
}

async function loadBrowser() {
	if (!existsSync(CHROMIUM)) throw new Skip(`${CHROMIUM} is not installed`);
	const { chromium } = await import("playwright-core").catch(() => {
		throw new Skip("playwright-core is not installed (npm ci)");
	});
	return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
}

async function main() {
	await mkdir(options.out, { recursive: true });
	const data = await mkdtemp(path.join(tmpdir(), "flashrig-browser-"));
	let failed = 0;
	try {
		rig.browser = await loadBrowser();
		rig.daemon = new Daemon(options.daemon, data, kept("flashrigd.log"));
		await rig.daemon.start();
		rig.page = await openPage({});
		for (const test of TESTS) {
			if (!(await runOne(test))) failed++;
		}
	} catch (error) {
		if (!(error instanceof Skip)) throw error;
		for (const [name] of TESTS) console.log(`skip ${name}: ${error.message}`);
	} finally {
		await rig.browser?.close();
		await rig.daemon?.kill();
		await rm(data, { recursive: true, force: true });
	}
	return failed ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"]) {
	process.on(signal, () => rig.daemon?.kill().finally(() => process.exit(1)));
}
process.exitCode = await main();
