// What every library's program measures with: `clients` loops that do `work` over and over, as bench/load.c does over HTTP.
export async function measure(work, clients, seconds) {
  const samples = [], begun = performance.now(), end = begun + seconds * 1000;
  await Promise.all(Array.from({ length: clients }, async () => {
    while (performance.now() < end) {
      const start = performance.now();
      await work();
      samples.push(performance.now() - start);
    }
  }));
  const spent = (performance.now() - begun) / 1000;
  samples.sort((a, b) => a - b);
  const quantile = (q) => samples[Math.floor((samples.length - 1) * q)];
  return { per_second: samples.length / spent, p50_ms: quantile(0.5), p99_ms: quantile(0.99), count: samples.length };
}

/** Does `work(from, to)` for all of 0 … n in parts of `size`, `loops` of them at once. */
export async function inParts(n, size, loops, work) {
  let next = 0;
  await Promise.all(Array.from({ length: loops }, async () => {
    while (next < n) {
      const from = next, to = Math.min(n, from + size);
      next = to;
      await work(from, to);
    }
  }));
}
