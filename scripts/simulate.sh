#!/bin/sh
# scripts/simulate.sh BUILD CRASHES: so many simulated crashes, half of them in each of two processes. Fails when one changed anything.
set -eu
half=$((($2 + 1) / 2))
CLERKWORK_CRASHES=$half "$1/tests/simulation/test_simulation" 2>&1 &
first=$!
status=0
CLERKWORK_CRASHES=$half CLERKWORK_FIRST_SEED=1000000000 "$1/tests/simulation/test_simulation" 2>&1 || status=1
wait "$first" || status=1
exit $status
