// Batches, one of them with a bad board, and hands-free.

import { api, ask, check, ending, JOB, kept, rig, same, seen, sheet, show, SOON, until } from "./harness.mjs";

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
		await rig.page.getByRole("button", { name: "Put another board into plug" }).click();
		await tile.getByText("Take out").waitFor({ timeout: JOB });
		same(await tile.getAttribute("data-tone"), "ok", "the colour of a good board");
		await rig.page.screenshot({ path: kept("hands-free-desktop-light.png") });
		const letters = await tile.locator(".say").evaluate((it) => parseFloat(getComputedStyle(it).fontSize));
		check(letters >= 64, `the word is ${letters} px high: not to be read from three metres`);
		await rig.page.getByRole("button", { name: "Take the board out of plug" }).click();
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

export const batch = [
	["a batch with one bad board has a row for each, its report, and runs again", batchWithABadBoard],
	["a batch goes over the wires that are chosen", batchByUart],
	["hands-free says put in and take out, and counts", handsFree],
];
