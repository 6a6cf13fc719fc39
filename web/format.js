// Numbers, times and names as people read them.

const UNITS = ["bytes", "KiB", "MiB", "GiB"];

function scaled(n) {
	let unit = 0;
	for (; n >= 1024 && unit < UNITS.length - 1; unit++) n /= 1024;
	return { n, unit };
}

export function bytes(n) {
	if (n == null) return "–";
	const { n: value, unit } = scaled(n);
	return `${trim(value, value < 10 && unit ? 2 : 1)} ${UNITS[unit]}`;
}

function trim(value, digits) {
	return String(Number(value.toFixed(digits)));
}

/* "1.25 of 4 MiB": both in the unit of the whole, with fixed digits so that it does not dance. */
export function bytesOf(done, total) {
	const { unit } = scaled(total);
	const scale = 1024 ** unit;
	return `${(done / scale).toFixed(unit > 1 ? 2 : 0)} of ${trim(total / scale, 2)} ${UNITS[unit]}`;
}

export function rate(perSecond) {
	const { n, unit } = scaled(perSecond);
	return `${n < 10 && unit ? n.toFixed(1) : Math.round(n)} ${UNITS[unit]}/s`;
}

export function hertz(hz) {
	return hz >= 1e6 ? `${trim(hz / 1e6, 2)} MHz` : `${trim(hz / 1e3, 1)} kHz`;
}

export function hex(n) {
	return `0x${n.toString(16).toUpperCase()}`;
}

export function count(n, one, many = `${one}s`) {
	return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/* How long, from milliseconds: "840 ms", "12.4 s", "3 min 05 s". */
export function lasting(ms) {
	if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
	if (ms < 60e3) return `${trim(ms / 1000, 1)} s`;
	return clock(ms);
}

/* The same without tenths, for what is still counting. */
export function clock(ms) {
	const s = Math.max(0, Math.round(ms / 1000));
	if (s < 60) return `${s} s`;
	if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
	return `${Math.floor(s / 3600)} h ${String(Math.floor(s / 60) % 60).padStart(2, "0")} min`;
}

/* "just now", "4 min ago", "14:05", "3 Mar, 14:05", "3 Mar 2024". */
export function when(date, now) {
	const age = now - date;
	if (age < 10e3) return "just now";
	if (age < 60e3) return `${Math.floor(age / 1000)} s ago`;
	if (age < 3600e3) return `${Math.floor(age / 60e3)} min ago`;
	const then = new Date(date);
	const today = new Date(now);
	const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
	if (then.toDateString() === today.toDateString()) return time;
	const sameYear = then.getFullYear() === today.getFullYear();
	const day = then.toLocaleDateString([], {
		day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }),
	});
	return sameYear ? `${day}, ${time}` : day;
}

/* "22 Nov 2025, 14:05:31" */
export function exactly(date) {
	return new Date(date).toLocaleString([], {
		day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
	});
}

const TYPES = {
	"backup": "Backup", "identify": "Identify", "verify": "Verify", "blank-check": "Blank check",
	"write": "Write", "restore": "Restore", "erase": "Erase", "bootlog": "Boot log",
	"check": "Archive check",
};
export const typeName = (type) => TYPES[type] ?? type;

const ERRORS = {
	"no-chip": "No chip answers",
	"wiring": "Wiring fault",
	"unstable-read": "The reads disagree",
	"unknown-chip": "Unknown chip",
	"chip-mismatch": "Not the expected chip",
	"protected": "The chip is write-protected",
	"verify-failed": "Verification failed",
	"not-blank": "Not blank",
	"timeout": "Took too long",
	"cancelled": "Cancelled",
	"interrupted": "Interrupted",
	"offline": "Slot is offline",
	"archive-full": "The archive is full",
	"archive-damaged": "The archive is damaged",
	"io": "Input/output error",
	"unreachable": "The rig does not answer",
	"broken-off": "Not all of it came",
	"unauthorized": "Not logged in",
	"forbidden": "Not allowed",
	"conflict": "Not possible now",
	"too-many": "The queue is full",
};
export const errorTitle = (code) => ERRORS[code] ?? "Failed";

export const dumpName = (it) => `${it.label || it.slot || "Dump"} #${it.id}`;

export const targetName = (target) => (target === "nor" ? "SPI NOR" : (target ?? "").toUpperCase());

const BOARDS = { sim: "simulated", linux: "wired" };
export const boardName = (board) => BOARDS[board] ?? board;

export const cap = (word) => word.charAt(0).toUpperCase() + word.slice(1);
