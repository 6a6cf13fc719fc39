// Reads and renders web/openapi.yaml as the page of the API does. usage: node page.mjs read|render; prints JSON or HTML.
import { readFileSync } from "node:fs";

const web = new URL("../../web/", import.meta.url);
const text = readFileSync(new URL("openapi.yaml", web), "utf8");
// The page's modules are served as they are, without a package.json beside them.
const load = async (name) => {
	const source = readFileSync(new URL(name, web), "utf8");
	const yaml = name === "apidoc.js" ? `data:text/javascript,${encodeURIComponent(readFileSync(new URL("yaml.js", web), "utf8"))}` : "";
	return import(`data:text/javascript,${encodeURIComponent(source.replace('"./yaml.js"', JSON.stringify(yaml)))}`);
};

if (process.argv[2] === "read") process.stdout.write(JSON.stringify((await load("yaml.js")).parseYaml(text)));
else {
	const made = (await load("apidoc.js")).render(text);
	process.stdout.write(made.contents + made.main);
}
