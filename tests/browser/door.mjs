// The door: logins by scope, tokens, and a daemon that dies and comes back.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Daemon } from "./daemon.mjs";
import { api, card, check, DESKTOP, kept, live, options, rig, same, show, SOON, start, until } from "./harness.mjs";
import { looksWellBothWays } from "./sight.mjs";

async function reconnects() {
	await show("bench");
	const before = (await api("/dumps")).dumps.map((dump) => dump.id);
	const id = await start("bare", "Backup");
	await card("bare").locator("progress").waitFor({ timeout: SOON });
	rig.down = true;
	await rig.daemon.kill();
	await rig.page.getByText("reconnecting…").waitFor({ timeout: SOON });
	await rig.daemon.start();
	await rig.page.locator('#link[data-state="live"]').waitFor({ timeout: 30_000 });
	rig.down = false;
	same((await api(`/jobs/${id}`)).state, "interrupted", "the job under which the daemon died");
	await card("bare").locator(".finding", { hasText: "Interrupted" }).waitFor({ timeout: SOON });
	await rig.page.getByRole("link", { name: "Archive", exact: true }).click();
	await until(async () => (await rig.page.locator("tbody tr").count()) === before.length, `${before.length} dumps`);
}

/* A rig that wants tokens, and a page of it that has shown none. */
async function withLockedRig(fn) {
	const data = await mkdtemp(path.join(tmpdir(), "flashrig-locked-"));
	const daemon = new Daemon(options.daemon, data, kept("flashrigd-locked.log"), { host: "0.0.0.0" });
	await daemon.start();
	const context = await rig.browser.newContext({ viewport: DESKTOP });
	try {
		await fn(daemon, await context.newPage());
	} finally {
		await context.close();
		await daemon.kill();
		await rm(data, { recursive: true, force: true });
	}
}

async function logIn(page, token) {
	await page.getByLabel("Access token").fill(token);
	await page.keyboard.press("Enter");
}

async function loginByScope() {
	await withLockedRig(async (daemon, page) => {
		const tokens = { read: await daemon.token("add", "eyes", "--scope", "read"), operate: await daemon.token("add", "hands", "--scope", "operate") };
		await page.goto(`${daemon.url}/#/archive`);
		await logIn(page, "frt_wrong");
		await page.getByText("not known here").waitFor({ timeout: SOON });
		await looksWellBothWays(page, "login");
		await logIn(page, tokens.read);
		await live(page);
		same(new URL(page.url()).hash, "#/archive", "the view after the login");
		await page.goto(`${daemon.url}/#/bench`);
		const backup = page.getByRole("button", { name: "Backup doorbell", exact: true });
		await backup.waitFor({ timeout: SOON });
		same(await backup.isDisabled(), true, "Backup is out of reach for a reader");
		check((await backup.getAttribute("title")).includes("operate"), "it does not say why");
		await page.getByText("read only", { exact: true }).waitFor({ timeout: SOON });
		await page.screenshot({ path: kept("read-only-desktop-light.png") });
		await page.getByText("this token sees everything and changes nothing").waitFor({ timeout: SOON });
		await page.goto(`${daemon.url}/#/rig`);
		await page.getByText("Needs a token with the scope “admin”").waitFor({ timeout: SOON });
		await daemon.post("/jobs", { type: "backup", slot: "doorbell" }, tokens.operate);
		await page.goto(`${daemon.url}/#/jobs`);
		await page.getByRole("row", { name: /Backup #1 doorbell (Queued|Running)/ }).waitFor({ timeout: SOON });
		same(await page.getByRole("button", { name: /^Cancel/ }).count(), 0, "ways for a reader to cancel");
		await page.goto(`${daemon.url}/#/bench`);
		await page.getByRole("button", { name: "Log out" }).click();
		await logIn(page, tokens.operate);
		await live(page);
		await backup.click();
		await until(async () => (await page.locator('[data-slot="doorbell"]').getAttribute("data-state")) === "busy", "a busy slot");
		await daemon.token("revoke", "hands");
		await page.getByLabel("Access token").waitFor({ timeout: 30_000 });
	});
}

/* What an admin makes on the page opens the door, until it is revoked there. */
async function tokensOnThePage() {
	await withLockedRig(async (daemon, page) => {
		const admin = await daemon.token("add", "boss", "--scope", "admin");
		await page.goto(`${daemon.url}/#/rig`);
		await logIn(page, admin);
		await page.getByRole("button", { name: "New token…" }).click();
		await page.getByLabel("Name").fill("cron");
		await page.getByRole("button", { name: "Make it" }).click();
		const shown = page.getByRole("dialog").locator(".token data");
		await shown.waitFor({ timeout: SOON });
		const token = await shown.getAttribute("value");
		const slots = () => fetch(`${daemon.url}/api/v1/slots`, { headers: { Authorization: `Bearer ${token}` } });
		same((await slots()).status, 200, "the new token");
		await page.keyboard.press("Escape");
		await until(async () => !(await page.content()).includes(token), "the token is shown this once");
		await page.getByRole("button", { name: "Revoke cron" }).click();
		await page.getByRole("button", { name: "Revoke", exact: true }).click();
		await until(async () => (await slots()).status === 401, "the token is of no use");
		await page.getByText("Who did what").waitFor({ timeout: SOON });
		await page.locator("tbody tr", { hasText: "cron" }).first().waitFor({ timeout: SOON });
	});
}

export const door = [
	["the page reconnects after kill -9 and the dumps are there", reconnects],
	["a login by scope: wrong, reader, operator, revoked", loginByScope],
	["an admin makes and revokes a token on the page, and sees who did what", tokensOnThePage],
];
