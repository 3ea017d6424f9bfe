// pgboss.mjs BATCH JOBS LOOPS POOL: inserts JOBS trivial jobs, BATCH at a time, then fetches and completes them likewise; prints JSON.
import { PgBoss } from "pg-boss";
import { inParts } from "./loop.mjs";

const [batch, jobs, loops, max] = process.argv.slice(2).map(Number);
const boss = new PgBoss({ host: process.env.PGHOST, user: process.env.PGUSER, database: process.env.PGDATABASE, max, supervise: false, schedule: false });
boss.on("error", (error) => { throw error; });
await boss.start();
const queue = `nothing${process.pid}`;
await boss.createQueue(queue);
const begun = performance.now();
await inParts(jobs, batch, loops, (from, to) => boss.insert(queue, Array.from({ length: to - from }, (_, i) => ({ data: { id: from + i } }))));
const enqueued = performance.now();
let done = 0;
await Promise.all(Array.from({ length: loops }, async () => {
  for (;;) {
    const taken = await boss.fetch(queue, { batchSize: batch });
    if (taken.length === 0) return;
    await boss.complete(queue, taken.map((job) => job.id));
    done += taken.length;
  }
}));
const ended = performance.now();
if (done !== jobs) throw new Error(`${done} of ${jobs} jobs were done`);
console.log(JSON.stringify({ per_second: jobs / ((ended - begun) / 1000), enqueue_s: (enqueued - begun) / 1000, drain_s: (ended - enqueued) / 1000 }));
process.exit(0);
