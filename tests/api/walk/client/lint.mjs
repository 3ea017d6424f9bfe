// Redocly's recommended rules over the contract; prints a line a problem and ends with 1 when there is any.
// Two rules do not fit: `default` says how every refusal looks, so 4XX need not be named; and x-filter-fields use schemas that
// no $ref shows.
import { createConfig, lint } from "@redocly/openapi-core";

const config = await createConfig({
  extends: ["recommended"],
  rules: { "operation-4xx-response": "off", "no-unused-components": "off" },
});
const problems = await lint({ ref: process.argv[2], config });
for (const problem of problems) {
  const place = problem.location[0];
  console.log(`${problem.severity}: ${problem.ruleId}: ${problem.message} (${place?.pointer ?? "?"})`);
}
process.exit(problems.length > 0 ? 1 : 0);
