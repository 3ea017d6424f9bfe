#!/bin/sh
# scripts/soak.sh BUILD: CRASHES (2,000,000) simulated crashes; kill -9 and restart, KILLS times (1,000) under load, every run
# checked; then three processes on one PostgreSQL, with RUNS (2,500) more runs under way at each of four blows.
set -eu
scripts/simulate.sh "$1" "${CRASHES:-2000000}"
python3 tests/crash/kill.py "$1/src/cli/clerkwork" "${KILLS:-1000}"
exec python3 tests/crash/nodes.py "$1/src/cli/clerkwork" "${RUNS:-2500}"
