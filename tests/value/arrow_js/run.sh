#!/bin/sh
# Runs the Arrow test with apache-arrow for JavaScript beside it. Arguments: the test program, a directory to install
# into. Exit status 77 tells Meson that the test was skipped.
set -eu
program=$1
directory=$2
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)

for tool in node npm; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "skipped: $tool is not installed, so apache-arrow for JavaScript cannot be asked" >&2
        exit 77
    fi
done
mkdir -p "$directory"
cp "$here/package.json" "$here/check.mjs" "$directory"
if [ ! -d "$directory/node_modules/apache-arrow" ] &&
    ! npm install --prefix "$directory" --no-audit --no-fund --no-package-lock --silent >&2; then
    echo "skipped: npm could not install apache-arrow (no network?)" >&2
    exit 77
fi
exec "$program" "$directory"
