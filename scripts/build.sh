#!/bin/sh
# scripts/build.sh DIR [MESON OPTION ...]: sets the build directory up once and builds it; talks only when something is wrong.
set -eu
dir=$1
shift
if [ ! -f "$dir/build.ninja" ]; then
    log=$(meson setup "$dir" "$@" 2>&1) || {
        printf '%s\n' "$log" >&2
        exit 1
    }
fi
log=$(ninja -C "$dir" 2>&1) || {
    printf '%s\n' "$log" | grep -v '^\[' >&2
    exit 1
}
