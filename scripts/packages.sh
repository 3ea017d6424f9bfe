#!/bin/sh
# Installs the Debian packages that are missing for the named purposes; without root it prints the line to run and fails.
set -eu

build="build-essential meson ninja-build pkg-config python3 python3-yaml libuv1-dev libnghttp2-dev libssl-dev libsodium-dev
    libsimdjson-dev libsqlite3-dev libpq-dev libglib2.0-dev libutf8proc-dev libpcre2-dev libzip-dev libexpat1-dev node-llhttp tzdata
    libcurl4-openssl-dev libmagic-dev zlib1g-dev"
demo="curl python3"
test="libcmocka-dev postgresql curl jq openssl nodejs npm nghttp2-client git procps"
bench="wrk nginx-light curl python3"
fuzz="clang libclang-rt-14-dev libcmocka-dev"
lint="clang-format clang-tidy"

missing=
for purpose in "$@"; do
    eval "packages=\$$purpose"
    for package in $packages; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
    done
done
# A node that came another way than by the package serves as well.
if command -v npm >/dev/null 2>&1; then
    missing=$(printf '%s' "$missing" | sed 's/ nodejs//; s/ npm//')
fi
[ -n "$missing" ] || exit 0

command="apt-get install --yes --no-install-recommends$missing"
if [ "$(id -u)" -ne 0 ]; then
    echo "These Debian packages are missing:$missing" >&2
    echo "Install them, then try again:" >&2
    echo "    sudo apt-get update && sudo $command" >&2
    exit 1
fi
echo "installing:$missing"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive $command -qq >/tmp/clerkwork-apt.$$ 2>&1 || {
    cat /tmp/clerkwork-apt.$$ >&2
    exit 1
}
rm -f /tmp/clerkwork-apt.$$
