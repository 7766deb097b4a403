#!/bin/sh
# The whole check. Every step runs even after a failure; the test runner comes last, so that its
# closing line is the last one. With PARTIAL=1 what this machine lacks is left out and named.
cd "$(dirname "$0")/.." || exit 1
PATH="$PWD/.venv/bin:$PATH"
export LC_ALL=C.UTF-8

missing() {
    command -v chromium >/dev/null || echo chromium
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
    command -v pdftotext >/dev/null || echo poppler-utils
    ls /usr/share/fonts/truetype/vlgothic/*.ttf >/dev/null 2>&1 || echo fonts-vlgothic
}

install() {
    echo "Installing Debian packages: $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update && apt-get -qq install --no-install-recommends "$@" >/dev/null
}

lacking=$(missing | xargs)
if [ -n "$lacking" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # shellcheck disable=SC2086  # one word per package
    install $lacking
    lacking=$(missing | xargs)
fi
if [ -n "$lacking" ] && [ "$PARTIAL" != 1 ]; then
    echo "Missing Debian packages: $lacking (install them, or run make test PARTIAL=1)" >&2
    exit 1
fi

failed=
step() {
    echo "== $*"
    "$@" || failed="$failed $1"
}
step ruff check --quiet .
step ruff format --check --quiet .
step mypy
step lint-imports --no-logo
step djlint --quiet templates
[ -z "$failed" ] || echo "Failed before the tests:$failed" >&2

engine=both
journeys=
case "$lacking" in *postgresql*) engine=sqlite ;; esac
case "$lacking" in *chromium* | *fonts-vlgothic* | *poppler-utils*) journeys="not browser" ;; esac
echo "== pytest"
pytest --numprocesses auto --dist worksteal --engine "$engine" -m "$journeys" ||
    failed="$failed pytest"

[ "$PARTIAL" != 1 ] || echo "PARTIAL: left out for want of: ${lacking:-nothing}"
[ -z "$failed" ]
