// A flashrigd with demo boards that can be killed and started again where it was.

import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";

const START_MS = 20_000;

export class Daemon {
	#program;
	#data;
	#log;
	#process = null;
	#port = 0;

	constructor(program, data, log) {
		this.#program = program;
		this.#data = data;
		this.#log = createWriteStream(log);
	}

	get url() {
		return `http://127.0.0.1:${this.#port}`;
	}

	/* On a free port the first time, on the same one after that. */
	async start() {
		this.#process = spawn(this.#program, ["--demo", "--listen", `127.0.0.1:${this.#port}`, "--data", this.#data],
			{ stdio: ["ignore", "pipe", "pipe"] });
		this.#process.stderr.pipe(this.#log, { end: false });
		this.#port = await this.#listening();
	}

	#listening() {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error("the daemon did not say that it listens")), START_MS);
			this.#process.once("error", reject);
			this.#process.once("exit", (code) => reject(new Error(`the daemon ended with status ${code}`)));
			createInterface({ input: this.#process.stdout }).on("line", (line) => {
				const match = /^listening on http:\/\/.*:(\d+)$/.exec(line);
				if (!match) return;
				clearTimeout(timer);
				resolve(Number(match[1]));
			});
		});
	}

	/* As a power cut would; gone when this returns. */
	async kill() {
		const process = this.#process;
		this.#process = null;
		if (!process || process.exitCode !== null || process.signalCode !== null) return;
		const gone = new Promise((resolve) => process.once("exit", resolve));
		process.kill("SIGKILL");
		await gone;
	}
}
