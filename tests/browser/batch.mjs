// Batches, one of them with a bad board, and hands-free.

import { randomBytes } from "node:crypto";
import { api, ask, check, ending, JOB, kept, rig, same, seen, sheet, show, SOON, until } from "./harness.mjs";
import { MIB, withBoards } from "./own.mjs";
import { looksWellBothWays } from "./sight.mjs";

async function batchWithABadBoard() {
	await show("batches");
	await rig.page.getByRole("button", { name: "New batch…" }).click();
	await sheet().getByLabel("What to do").selectOption("identify");
	await sheet().getByRole("textbox", { name: "Label" }).fill("lot 7");
	await sheet().getByLabel("doorbell").uncheck();
	await sheet().getByRole("button", { name: "Start" }).click();
	await until(async () => /#\/batches\/\d+$/.test(rig.page.url()), "the batch's own page");
	const id = seen.batch = Number(/\d+$/.exec(rig.page.url())[0]);
	const batch = await until(async () => {
		const now = await api(`/batches/${id}`);
		return now.state === "done" && now;
	}, "the end of the batch", JOB);
	same([batch.total, batch.done, batch.failed].join(), "3,2,1", "boards, good, not good");
	const rows = rig.page.locator("tbody tr");
	await until(async () => (await rows.count()) === 3, "a row for each board");
	await rig.page.locator("tbody tr", { hasText: "faulty" }).getByText("Wiring fault").waitFor({ timeout: SOON });
	await rig.page.getByText("2 done").waitFor({ timeout: SOON });
	const coming = rig.page.waitForEvent("download", { timeout: SOON });
	await rig.page.getByRole("link", { name: "Report (CSV)" }).click();
	await (await coming).saveAs(kept("batch.csv"));
	await rig.page.getByRole("button", { name: "Run again" }).click();
	await until(async () => /#\/batches\/\d+$/.test(rig.page.url()) && !rig.page.url().endsWith(`/${id}`), "the batch that runs it again");
	await rig.page.getByRole("link", { name: `#${id}`, exact: true }).waitFor({ timeout: SOON });
}

async function batchByUart() {
	await show("batches");
	await rig.page.getByRole("button", { name: "New batch…" }).click();
	await sheet().getByLabel("What to do").selectOption("identify");
	const over = sheet().getByLabel("Over");
	same(await over.count(), 0, "offers of UART while a board without it is chosen");
	for (const { name } of (await api("/slots")).slots) if (name !== "plug") await sheet().getByLabel(name).uncheck();
	await over.selectOption("uart");
	await sheet().getByRole("button", { name: "Start" }).click();
	await until(async () => /#\/batches\/\d+$/.test(rig.page.url()), "the batch's own page");
	const job = await ending((await api(`/batches/${/\d+$/.exec(rig.page.url())[0]}`)).jobs[0]);
	same(job.request.transport, "uart", "the wires of the batch's job");
	same(job.state, "done", "its end");
}

/* One board in, one taken out, another put in: the tile says each time what the hands have to do. */
async function handsFree() {
	await ask("POST", "/slots/plug/sim", { present: false });
	const { id } = await ask("POST", "/batches", { type: "identify", slots: ["plug", "faulty"], hands_free: true, label: "evening" });
	try {
		await show(`hands-free/${id}`);
		const tile = rig.page.locator('.tile[data-slot="plug"]');
		await tile.getByText("Put in", { exact: true }).waitFor({ timeout: JOB });
		await rig.page.getByRole("button", { name: "Put another board in: plug" }).click();
		await tile.getByText("Take out").waitFor({ timeout: JOB });
		same(await tile.getAttribute("data-tone"), "ok", "the colour of a good board");
		const letters = await tile.locator(".say").evaluate((it) => parseFloat(getComputedStyle(it).fontSize));
		check(letters >= 64, `the word is ${letters} px high: not to be read from three metres`);
		await rig.page.getByRole("button", { name: "Take it out: plug" }).click();
		await tile.getByText("Put in", { exact: true }).waitFor({ timeout: JOB });
		check((await tile.innerText()).includes("1 board"), "the board is not counted");
		seen.handsFree = id;
	} finally {
		await ask("POST", `/batches/${id}/cancel`);
		await until(async () => (await api(`/batches/${id}`)).state === "done", "the end of hands-free", JOB);
		await ask("POST", "/slots/plug/sim", { present: true });
	}
	await rig.page.getByText("This batch is over.").waitFor({ timeout: SOON });
}

/* A slot to fill, a good board and one that fails for good, on the wall beside each other. */
async function handsFreeInColours() {
	const content = randomBytes(MIB);
	await withBoards({ empty: {}, good: { content }, bad: { content: randomBytes(MIB) } }, async () => {
		await ask("POST", "/slots/empty/sim", { present: false });
		const image = await ask("POST", "/images?name=release.bin", content);
		const { id } = await ask("POST", "/batches", { type: "verify", image: image.id, slots: ["empty", "good", "bad"], hands_free: true, label: "night" });
		await show(`hands-free/${id}`);
		const tile = (slot) => rig.page.locator(`.tile[data-slot="${slot}"]`);
		const says = [["empty", "wait", "Put in", "the next board"], ["good", "ok", "Take out", "good"], ["bad", "bad", "Take out", "Verification failed"]];
		for (const [slot, tone, word, why] of says) {
			await tile(slot).locator(".say", { hasText: word }).waitFor({ timeout: SOON });
			same(await tile(slot).locator(".how").innerText(), why, `what is said of ${slot}`);
			same(await tile(slot).getAttribute("data-tone"), tone, `the colour of ${slot}`);
		}
		const colours = await Promise.all(says.map(([slot]) => tile(slot).evaluate((it) => getComputedStyle(it).backgroundColor)));
		same(new Set(colours).size, 3, "three colours");
		const [red, green, blue] = colours[2].match(/\d+/g).map(Number);
		check(red > 1.5 * green && red > 1.5 * blue, `a bad board is not red but ${colours[2]}`);
		await rig.page.locator(".tally", { hasText: "1 good · 1 not" }).waitFor({ timeout: SOON });
		await looksWellBothWays(rig.page, "hands-free");
	});
}

/* The rig answers what a batch was; while that is on its way the batch ends. */
async function lateAnswer() {
	await withBoards({ slow: { content: randomBytes(MIB), speed: 1 } }, async () => {
		const { id } = await ask("POST", "/batches", { type: "backup", slots: ["slow"] });
		await rig.page.route(`**/api/v1/batches/${id}`, async (route) => {
			const response = await route.fetch();
			same((await response.json()).state, "running", "what the late answer says");
			await until(async () => (await api(`/batches/${id}`)).state === "done", "the end of the batch", JOB);
			await rig.page.getByText("1 done").waitFor({ timeout: SOON }); // by the event
			await route.fulfill({ response });
		});
		const late = rig.page.waitForResponse((answer) => answer.url().endsWith(`/batches/${id}`), { timeout: JOB });
		await rig.page.goto(`${rig.daemon.url}/#/batches/${id}`);
		await (await late).finished();
		await rig.page.getByRole("row", { name: /slow/ }).waitFor({ timeout: SOON }); // asked for behind it
		check(await rig.page.getByText("1 done").isVisible(), "the late answer undid what the event had told");
		await rig.page.unroute(`**/api/v1/batches/${id}`);
	});
}

export const batch = [
	["a batch with one bad board has a row for each, its report, and runs again", batchWithABadBoard],
	["a batch goes over the wires that are chosen", batchByUart],
	["an answer that is late undoes nothing that an event has told", lateAnswer],
	["hands-free says put in and take out, and counts", handsFree],
	["hands-free is red for a board that fails, green for a good one, and fits every screen", handsFreeInColours],
];
