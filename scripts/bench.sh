#!/bin/sh
# scripts/bench.sh BUILD: every figure, as ratios taken in one run.
set -eu
build=$1
for program in "$build"/bench/bench_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    echo "== $(basename "$program")"
    "$program"
    echo
done
echo "== reconciliation"
python3 bench/reconcile.py "$build/src/cli/clerkwork"
echo
echo "== server"
python3 bench/server.py "$build/src/cli/clerkwork" "$build/bench/load"
echo
echo "== answers"
python3 bench/answers.py "$build/src/cli/clerkwork" "$build/bench/load"
echo
echo "== what a run takes on the disk"
python3 bench/disk.py "$build/src/cli/clerkwork"
echo
echo "== many runs"
python3 bench/many.py "$build/src/cli/clerkwork" "$build/bench/load"
