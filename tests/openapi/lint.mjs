// Validates a description of an API: its structure, its references, its examples.
// usage: node lint.mjs OPENAPI.yaml
import { createConfig, lint } from "@redocly/openapi-core";

const config = await createConfig({
	extends: ["recommended-strict"],
	rules: {
		"info-contact": "off",
		"operation-4xx-response": "error",
		"no-invalid-media-type-examples": { severity: "error", allowAdditionalProperties: false },
		"no-invalid-schema-examples": { severity: "error", allowAdditionalProperties: false },
		"no-invalid-parameter-examples": { severity: "error", allowAdditionalProperties: false },
		"operation-description": "off",
		"operation-operationId": "error",
		"operation-singular-tag": "error",
		"operation-tag-defined": "error",
		"tag-description": "error",
		"no-unused-components": "off", // those of events are named in words; tests/system looks
		"no-ambiguous-paths": "off", // /dumps/lookup stands before /dumps/{id}
		"path-parameters-defined": "error",
		"no-duplicated-tag-names": "error",
		"security-defined": "error",
	},
});

const problems = await lint({ ref: process.argv[2], config });
for (const p of problems) {
	const at = p.location[0];
	console.error(`${at.source.absoluteRef}${at.pointer ?? ""}: ${p.severity}: ${p.ruleId}: ${p.message}`);
}
console.log(problems.length ? `FAIL the description of the API is valid: ${problems.length} problems` : "ok   the description of the API is valid");
process.exit(problems.length ? 1 : 0);
