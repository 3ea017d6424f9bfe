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
git ls-files 'src/*.c' | xargs -P 2 -n 4 clang-tidy -p build-asan --quiet --warnings-as-errors='*' 2>/dev/null || status=1
exit $status
