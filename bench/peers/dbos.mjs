// dbos.mjs POOL: reads lines "STEPS CLIENTS SECONDS URL", answers each with one line of JSON. The workflows run in this process, so no
// HTTP lies between them and who asks.
import { createInterface } from "node:readline";
import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { put } from "./effect.mjs";
import { measure } from "./loop.mjs";

const run = DBOS.registerWorkflow(async (n, effect) => {
  for (let i = 0; i < n; i++) await DBOS.runStep(async () => put(effect), { name: `step ${i}` });
  return "done";
}, { name: "steps" });
DBOS.setConfig({ name: "bench", systemDatabasePool: new pg.Pool({ max: Number(process.argv[2]) }), runAdminServer: false, logLevel: "error" });
await DBOS.launch();
console.log("{}");
for await (const line of createInterface({ input: process.stdin })) {
  const [n, clients, seconds, effect] = line.split(" ");
  console.log(JSON.stringify(await measure(() => run(Number(n), effect), Number(clients), Number(seconds))));
}
await DBOS.shutdown();
process.exit(0);
