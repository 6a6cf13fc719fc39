// A flashrigd with demo boards, or others, that can be killed and started again where it was.

import { execFile, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const START_MS = 20_000;

export class Daemon {
	#program;
	#data;
	#log;
	#process = null;
	#port = 0;
	#host;
	#boards;

	/* host: 0.0.0.0 for a daemon that wants tokens; config: a file with other boards than the demo's */
	constructor(program, data, log, { host = "127.0.0.1", config } = {}) {
		this.#program = program;
		this.#data = data;
		this.#host = host;
		this.#boards = config ? ["--config", config] : ["--demo"];
		this.#log = createWriteStream(log);
	}

	get url() {
		return `http://127.0.0.1:${this.#port}`;
	}

	/* On a free port the first time, on the same one after that. */
	async start() {
		this.#process = spawn(this.#program, [...this.#boards, "--listen", `${this.#host}:${this.#port}`, "--data", this.#data],
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

	post(where, body, token) {
		return fetch(`${this.url}/api/v1${where}`, {
			method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
		});
	}

	/* What `flashrigd token ...` prints, while the daemon runs. */
	async token(...words) {
		const { stdout } = await promisify(execFile)(this.#program, ["--data", this.#data, "token", ...words]);
		return stdout.trim();
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
