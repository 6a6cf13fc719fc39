// How a view is looked at: its width, axe-core, and a picture.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { check, DESKTOP, kept, PHONE, same } from "./harness.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/* The page's policy lets no foreign script in; the test's comes in beside it. */
export async function axe(page, name, options = {}) {
	const source = await readFile(AXE, "utf8");
	await page.evaluate(source);
	const { violations } = await page.evaluate((more) => globalThis.axe.run(document, { resultTypes: ["violations"], ...more }), options);
	const grave = violations.filter((it) => ["serious", "critical"].includes(it.impact));
	same(grave.map((it) => `${it.id} at ${it.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`).join("; "), "", `axe on ${name}`);
}

export async function fits(page, name) {
	const { scroll, width } = await page.evaluate(() => ({
		scroll: document.documentElement.scrollWidth, width: document.documentElement.clientWidth,
	}));
	check(scroll <= width, `${name} is ${scroll} px wide on ${width} px`);
}

/* What stands there now, as it is on a desk by day and on a phone by night. */
export async function looksWellBothWays(page, name) {
	for (const [size, viewport, colorScheme] of [["phone", PHONE, "dark"], ["desktop", DESKTOP, "light"]]) {
		await page.setViewportSize(viewport);
		await page.emulateMedia({ colorScheme });
		await page.screenshot({ path: kept(`${name}-${size}-${colorScheme}.png`), fullPage: true });
		await fits(page, name);
		await axe(page, name);
	}
}
