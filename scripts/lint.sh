#!/bin/sh
# Format and clang-tidy, changing nothing. Fails when there is anything to say.
set -u
status=0
files=$(git ls-files 'src/*.[ch]' 'tests/*.[ch]' 'bench/*.[ch]')
if ! printf '%s\n' $files | xargs clang-format --dry-run --Werror >build-lint.txt 2>&1; then
    grep -o '^[^:]*' build-lint.txt | sort -u | sed 's/^/not formatted: /'
    echo "run: make format"
    status=1
fi
rm -f build-lint.txt
scripts/build.sh build-asan -Db_sanitize=address,undefined -Db_lundef=false || exit 1
# The analyzer may look at so many states of a function: a fifth of what it takes by itself, and of the time.
budget='--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=40000'
git ls-files 'src/*.c' | xargs -P 2 -n 4 clang-tidy -p build-asan --quiet --warnings-as-errors='*' $budget 2>/dev/null || status=1
exit $status
