// The archive: labels, search, compare, map and hex, import, images, devices; and the ways through the page.

import { backedUp, imageHash } from "./bench.mjs";
import { api, check, choose, ending, rig, same, seen, sheet, show, Skip, SOON, until } from "./harness.mjs";

async function dumpHasItsPage() {
	const { result, id } = backedUp();
	await show(`dumps/${result.dump}`);
	const shown = rig.page.locator("dd data");
	await shown.waitFor({ timeout: SOON });
	same(await shown.innerText(), result.sha256, "the SHA-256 on the page");
	await show(`jobs/${id}`);
	await until(async () => (await rig.page.locator(".log pre").innerText()).length > 40, "the job's log");
}

async function labelIsEdited() {
	const { result } = backedUp();
	await show("archive");
	await rig.page.getByRole("button", { name: `Edit the label of dump ${result.dump}`, exact: true }).click();
	await rig.page.keyboard.type("Front door <b>1</b>");
	await rig.page.keyboard.press("Enter");
	await until(async () => (await api(`/dumps/${result.dump}`)).label === "Front door <b>1</b>", "the label in the archive");
	await rig.page.getByRole("link", { name: "Front door <b>1</b>" }).waitFor({ timeout: SOON });
}

async function archiveIsSearched() {
	const { result } = backedUp();
	await show("archive");
	const rows = rig.page.locator("tbody tr");
	await rig.page.getByLabel("Search").fill("Front door");
	await until(async () => rig.page.url().endsWith("q=Front+door"), "the search in the address");
	await rig.page.getByRole("link", { name: `#${result.dump}` }).waitFor({ timeout: SOON });
	await rig.page.getByLabel("Search").fill("no such thing");
	await until(async () => (await rows.count()) === 0, "an empty list");
}

async function backButtonWorks() {
	await show("bench");
	await rig.page.getByRole("link", { name: "Jobs", exact: true }).click();
	await rig.page.locator("tbody a").first().click();
	await rig.page.locator(".log pre").waitFor({ timeout: SOON });
	await rig.page.goBack();
	await rig.page.locator("tbody a").first().waitFor({ timeout: SOON });
	await rig.page.getByLabel("State").selectOption("failed");
	await until(async () => rig.page.url().endsWith("#/jobs?state=failed"), "the filter in the address");
	await until(async () => (await rig.page.locator("tbody tr").allInnerTexts()).every((row) => row.includes("Failed")), "failed jobs only");
	await rig.page.goBack();
	await rig.page.goBack();
	await rig.page.locator("[data-slot]").first().waitFor({ timeout: SOON });
}

/* By what is in the bytes: the place that is found leads to them. */
async function bytesAreFound() {
	if (!seen.write) throw new Skip("nothing was written");
	await show("archive");
	await rig.page.locator("summary", { hasText: "More" }).click();
	await rig.page.getByLabel("Contains").fill("flashrig writes this");
	const place = rig.page.locator("tbody tr").first().getByRole("link", { name: "0x180000" });
	await place.waitFor({ timeout: SOON });
	await place.click();
	const row = rig.page.locator(".hexrows .hexrow").first();
	await until(async () => (await row.innerText()).includes("flashrig writes"), "the bytes that were looked for");
	await rig.page.getByLabel("Text or bytes to find").fill("0x666C617368726967"); // flashrig
	await rig.page.keyboard.press("Enter");
	await rig.page.locator(".found").getByRole("link", { name: "0x180016" }).waitFor({ timeout: SOON });
	await show("archive?contains=no+such+thing+anywhere");
	await rig.page.getByText("No dump fits.").waitFor({ timeout: SOON });
}

/* A square of the map leads to its bytes; the address says where, and the back button leads back. */
async function mapLeadsToHex() {
	const { result } = backedUp();
	await show(`dumps/${result.dump}`);
	const map = rig.page.getByRole("slider", { name: /Flash map/ });
	await map.waitFor({ timeout: SOON });
	same(await map.getAttribute("aria-valuemax"), String(result.size / 4096 - 1), "sectors of the map");
	await map.focus();
	await rig.page.keyboard.press("ArrowDown");
	await until(async () => rig.page.url().endsWith("at=0x40000"), "the place in the address");
	const first = rig.page.locator(".hexrows .hexrow").first();
	const bytes = new Uint8Array(await (await fetch(`${rig.daemon.url}/api/v1/dumps/${result.dump}/content?offset=262144&length=16`)).arrayBuffer());
	const hex = [...bytes].map((b) => b.toString(16).toUpperCase().padStart(2, "0")).join(" ");
	await until(async () => (await first.innerText()).replace(/\s+/g, " ").startsWith(`040000 ${hex}`), "the bytes of that sector");
	await rig.page.getByLabel("Address").fill("0x1000");
	await rig.page.keyboard.press("Enter");
	await until(async () => (await first.innerText()).startsWith("001000"), "the bytes at 0x1000");
	await rig.page.goBack();
	await until(async () => (await first.innerText()).startsWith("040000"), "the bytes one was at before");
	const box = await map.boundingBox();
	await rig.page.mouse.click(box.x + box.width * (1.5 / 64), box.y + 3);
	await until(async () => (await first.innerText()).startsWith("001000"), "the bytes of the square that was clicked");
}

/* Two dumps of the plug, before and after the write: made by a backup of what the write left. */
async function comparesDumps() {
	if (!seen.write) throw new Skip("nothing was written");
	const offset = 0x180000;
	const before = new Uint8Array(await (await fetch(`${rig.daemon.url}/api/v1/dumps/${seen.write.result.backup}/content`)).arrayBuffer());
	const image = await (await fetch(`${rig.daemon.url}/api/v1/images/${seen.write.request.image}/content`)).arrayBuffer();
	before.set(new Uint8Array(image), offset);
	await show("archive");
	await rig.page.locator(".drop input[type=file]").setInputFiles({ name: "changed.bin", mimeType: "application/octet-stream", buffer: Buffer.from(before) });
	const link = rig.page.locator(".note.ok").getByRole("link", { name: /dump #/ });
	await link.waitFor({ timeout: SOON });
	seen.imported = Number(/\d+/.exec(await link.innerText())[0]);
	await show(`dumps/${seen.write.result.backup}`);
	await rig.page.getByRole("button", { name: "Compare…" }).click();
	await choose(seen.imported, "changed");
	await sheet().getByRole("button", { name: "Compare" }).click();
	const diff = await api(`/dumps/${seen.write.result.backup}/diff/${seen.imported}`);
	await rig.page.getByText(`${diff.differing_sectors} sectors of 4 KiB differ`).waitFor({ timeout: SOON });
	same(diff.equal, false, "equal");
	await rig.page.getByRole("link", { name: "0x180000" }).first().click();
	await rig.page.locator(".hexrows mark").first().waitFor({ timeout: SOON });
	const row = await rig.page.locator(".hexrows .hexrow").first().innerText();
	check(row.startsWith("180000") && row.includes("66 6C 61 73 68"), `the bytes that differ: ${row}`);
	seen.comparison = `compare/${seen.write.result.backup}/${seen.imported}?at=0x180000`;
}

async function importSaysWhatIsWrong() {
	await show("archive");
	rig.down = true; // the browser complains of every 4xx
	await rig.page.locator(".drop input[type=file]").setInputFiles({ name: "empty.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(0) });
	await rig.page.locator(".finding", { hasText: "empty.bin" }).waitFor({ timeout: SOON });
	rig.down = false;
}

/* Dropped as from a file manager, renamed, and gone again. */
async function imagesComeAndGo() {
	await show("images");
	const file = await rig.page.evaluateHandle(() => {
		const all = new DataTransfer();
		all.items.add(new File([new Uint8Array(70000).fill(0x5a)], "dropped.bin"));
		return all;
	});
	await rig.page.locator(".drop").dispatchEvent("drop", { dataTransfer: file });
	const note = rig.page.locator(".note.ok", { hasText: "dropped.bin" });
	await note.waitFor({ timeout: SOON });
	const image = (await api("/images")).images[0];
	check((await note.innerText()).includes(image.sha256), "the page does not say the hash");
	await rig.page.getByRole("button", { name: `Edit the name of image ${image.id}` }).click();
	await rig.page.keyboard.type("Zeds");
	await rig.page.keyboard.press("Enter");
	await until(async () => (await api(`/images/${image.id}`)).name === "Zeds", "the new name");
	await rig.page.getByRole("link", { name: "Zeds" }).click();
	await rig.page.getByRole("slider").waitFor({ timeout: SOON });
	await rig.page.getByRole("button", { name: "Delete…" }).click();
	await sheet().getByRole("button", { name: "Delete", exact: true }).click();
	await until(async () => (await api("/images")).images.every((it) => it.id !== image.id), "an image less");
	await until(async () => rig.page.url().endsWith("#/images"), "the list of images");
	check((await api("/images")).images.some((it) => it.sha256 === imageHash), "the other image is there still");
}

async function deviceHasATimeLine() {
	const { result } = backedUp();
	await show(`devices/${result.device}`);
	await rig.page.locator(".timeline li").first().waitFor({ timeout: SOON });
	await rig.page.getByRole("textbox", { name: "Label", exact: true }).fill("Front door bell");
	await rig.page.getByRole("button", { name: "Save" }).click();
	await until(async () => (await api(`/devices/${result.device}`)).label === "Front door bell", "the label in the archive");
	await show("bench");
	await rig.page.locator('[data-slot="doorbell"]').getByRole("link", { name: "Front door bell" }).waitFor({ timeout: SOON });
}

async function checkNow() {
	await show("rig");
	await rig.page.getByRole("button", { name: "Check now" }).click();
	const job = await until(async () => (await api("/jobs?type=check&limit=1")).jobs[0], "a check");
	same((await ending(job.id)).state, "done", "the check");
	await rig.page.getByText("All dumps read back as they were stored").waitFor({ timeout: SOON });
}

export const archive = [
	["dump and job have pages of their own", dumpHasItsPage],
	["a label is edited in place, and markup in it is only text", labelIsEdited],
	["the archive is searched", archiveIsSearched],
	["a square of the flash map leads to its bytes, by key and by click", mapLeadsToHex],
	["a dump is imported and compared with another, byte by byte", comparesDumps],
	["dumps are found by their bytes, and the place leads to them", bytesAreFound],
	["an import that fails says why", importSaysWhatIsWrong],
	["an image is dropped, renamed, looked at and deleted", imagesComeAndGo],
	["a device has its dumps as a time line, and its label is on the bench", deviceHasATimeLine],
	["the archive is checked from the page", checkNow],
	["deep links, filters and the back button work", backButtonWorks],
];
