#!/bin/sh
# Every fuzz target for FUZZ_SECONDS (600), with clang's libFuzzer under ASan and UBSan. What a target finds is kept in build-fuzz/.
set -eu
[ -f build-fuzz/build.ninja ] || CC=clang CXX=clang++ meson setup build-fuzz -Db_sanitize=address,undefined -Db_lundef=false \
    -Dfuzzing=true --buildtype=debugoptimized >/dev/null
ninja -C build-fuzz >build-fuzz/build.txt 2>&1 || { tail -30 build-fuzz/build.txt; exit 1; }
status=0
for target in build-fuzz/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=$(basename "$target")
    mkdir -p "build-fuzz/corpus/$name"
    if "$target" -max_total_time="${FUZZ_SECONDS:-600}" -timeout=10 -rss_limit_mb=4096 -artifact_prefix="build-fuzz/$name-" \
        "build-fuzz/corpus/$name" >"build-fuzz/$name.txt" 2>&1; then
        echo "$name: nothing found in ${FUZZ_SECONDS:-600} s"
    else
        echo "$name: FOUND, see build-fuzz/$name.txt"
        status=1
    fi
done
exit $status
