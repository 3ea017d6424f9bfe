// graphile.mjs BATCH JOBS CONCURRENCY POOL: enqueues JOBS trivial jobs, BATCH a statement (1: addJob), then drains them; prints JSON.
import { makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import { inParts } from "./loop.mjs";

const [batch, jobs, concurrency, max] = process.argv.slice(2).map(Number);
const logger = { scope: () => logger, error: console.error, warn() {}, info() {}, debug() {} };
const pgPool = new pg.Pool({ max });
pgPool.on("error", console.error);
pgPool.on("connect", (client) => client.on("error", console.error));
const utils = await makeWorkerUtils({ pgPool, logger });
await utils.migrate();
const begun = performance.now();
await inParts(jobs, batch, batch === 1 ? concurrency : 4, (from, to) =>
  batch === 1 ? utils.addJob("nothing", { id: from })
    : utils.addJobs(Array.from({ length: to - from }, (_, i) => ({ identifier: "nothing", payload: { id: from + i } }))));
const enqueued = performance.now();
let done = 0, finished;
const all = new Promise((resolve) => (finished = resolve));
// The library's advice for many trivial jobs: a local queue, and completions written together.
const fast = batch === 1 ? {} : { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const runner = await run({
  pgPool, logger, noHandleSignals: true,
  taskList: { nothing: async () => { if (++done === jobs) finished(); } },
  preset: { worker: { concurrentJobs: concurrency, pollInterval: 100, ...fast } },
});
await all;
await runner.stop(); // with it the last completions are written
const ended = performance.now();
const left = await pgPool.query("select count(*)::int as n from graphile_worker.jobs");
if (left.rows[0].n > 0) throw new Error(`${left.rows[0].n} jobs were left`);
console.log(JSON.stringify({ per_second: jobs / ((ended - begun) / 1000), enqueue_s: (enqueued - begun) / 1000, drain_s: (ended - enqueued) / 1000 }));
process.exit(0);
