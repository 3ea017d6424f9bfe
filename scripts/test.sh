#!/bin/sh
# Builds with the address and undefined-behaviour sanitizers and runs every test; then the tests of threads under the thread
# sanitizer. Ends with the line "N passed, N failed".
set -u
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

scripts/build.sh build-asan -Db_sanitize=address,undefined -Db_lundef=false || { echo "0 passed, 1 failed"; exit 1; }
scripts/build.sh build-tsan -Db_sanitize=thread -Db_lundef=false || { echo "0 passed, 1 failed"; exit 1; }

log=build-asan/meson-logs/testlog.txt
status=0
meson test -C build-asan --no-rebuild --print-errorlogs --timeout-multiplier 4 >build-asan/test-output.txt 2>&1 || status=1
cat build-asan/test-output.txt
meson test -C build-tsan --no-rebuild --print-errorlogs --timeout-multiplier 6 --suite threads >build-tsan/test-output.txt 2>&1 || status=1
cat build-tsan/test-output.txt

python3 scripts/count_tests.py build-asan build-tsan || status=1
exit $status
