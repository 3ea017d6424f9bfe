#!/bin/sh
# scripts/soak.sh BUILD: kill -9 and restart, KILLS times (1,000) under load, every run checked.
set -eu
exec python3 tests/crash/kill.py "$1/src/cli/clerkwork" "${KILLS:-1000}"
