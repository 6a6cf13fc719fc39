// The wiring doctor's finding as a drawing: the wires between Pi and board, the suspect ones marked.

import { svg } from "./dom.js";

const WIRES = [
	["SCLK", "P20 SCK"], ["CE0", "P21 CS"], ["MOSI", "P22 SI"], ["MISO", "P23 SO"], ["CEN", "CEN"], ["GND", "GND"], ["", "3V3"],
];
const [SCK, CS, MOSI, MISO, CEN, GND, POWER] = [0, 1, 2, 3, 4, 5, 6];

/* bad: most likely it; maybe: look there too; short: [from, to] that touch; words for those who cannot see it. */
const FINDINGS = {
	"miso-open": { bad: [MISO], maybe: [POWER, GND, CEN], open: true, words: "MISO seems open" },
	"miso-low": { bad: [MISO], maybe: [POWER, CEN], short: [MISO, GND], words: "MISO is held at ground" },
	"mosi-miso-bridge": { bad: [MOSI, MISO], maybe: [], short: [MOSI, MISO], words: "MOSI and MISO touch" },
	"cen-no-effect": { bad: [CEN], maybe: [GND], open: true, words: "CEN does not reach the chip" },
	"train-not-heard": { bad: [SCK, CS, MOSI], maybe: [], open: true, words: "SCK, CS or MOSI does not reach the chip" },
	"clock-too-fast": { bad: [], maybe: [SCK, MISO, GND], words: "the wires are too long for this clock" },
	"unstable-answers": { bad: [], maybe: [SCK, MISO, GND, POWER], words: "the signals are not clean" },
	"not-a-flash": { bad: [CS], maybe: [MISO], words: "something else answers: look at chip select" },
	"no-luck": { bad: [], maybe: [POWER], words: "the wires are right" },
	"unclear": { bad: [], maybe: [SCK, CS, MOSI, MISO, CEN, GND, POWER], words: "any wire may be wrong" },
};

const LEFT = 66;
const RIGHT = 236;
const y = (wire) => 24 + wire * 19;

/* null where there is nothing to draw. cen is the Pi's line as the slot names it. */
export function pins(finding, cen) {
	const it = FINDINGS[finding];
	if (!it) return null;
	return svg("svg", { viewBox: "0 0 304 160", class: "pins", role: "img", "aria-label": `Wiring: ${it.words}` },
		svg("rect", { x: 6, y: 10, width: LEFT - 6, height: 142, rx: 6, class: "chip" }),
		svg("rect", { x: RIGHT, y: 10, width: 62, height: 142, rx: 6, class: "chip" }),
		WIRES.map((names, wire) => drawWire(it, names, wire, cen)),
		it.short && drawShort(it.short));
}

function drawWire(it, [left, right], wire, cen) {
	const tone = it.bad.includes(wire) ? "bad" : it.maybe.includes(wire) ? "maybe" : "fine";
	const at = y(wire);
	const middle = (LEFT + RIGHT) / 2;
	const broken = it.open && tone === "bad";
	const path = broken
		? `M${LEFT} ${at}H${middle - 9}M${middle + 9} ${at}H${RIGHT}M${middle - 5} ${at - 5}l10 10m0 -10l-10 10`
		: `M${LEFT} ${at}H${RIGHT}`;
	return svg("g", { class: "wire", "data-tone": tone },
		svg("path", { d: path }),
		svg("circle", { cx: LEFT, cy: at, r: 3 }), svg("circle", { cx: RIGHT, cy: at, r: 3 }),
		svg("text", { x: LEFT - 8, y: at + 4, "text-anchor": "end" }, wire === CEN && cen ? shortName(cen) : wire === POWER ? "supply" : left),
		svg("text", { x: RIGHT + 8, y: at + 4 }, right));
}

const shortName = (cen) => (cen.length > 8 ? "CEN" : cen);

/* Where two wires touch that should not. */
function drawShort([from, to]) {
	const x = (LEFT + RIGHT) / 2;
	return svg("g", { class: "wire", "data-tone": "bad" },
		svg("path", { d: `M${x} ${y(from)}l7 ${(y(to) - y(from)) / 3}l-14 ${(y(to) - y(from)) / 3}L${x} ${y(to)}` }),
		svg("circle", { cx: x, cy: y(from), r: 4 }), svg("circle", { cx: x, cy: y(to), r: 4 }));
}
