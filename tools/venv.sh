#!/bin/sh
# Makes .venv with a Python of at least 3.11, unless a sound one is there. Run in the root of the checkout.
# The stamp names the place, because a virtual environment that was moved still runs the programs of the old one.
set -eu

place=$(pwd -P)
stamps=.venv/.stamps
if [ -x .venv/bin/python ] && [ ! -e "$stamps/installing" ] && [ "$(cat "$stamps/venv" 2>/dev/null)" = "$place" ]; then
    exit 0
fi

fail() {
    printf 'factcheck: %s\n' "$1" >&2
    exit 2
}

# An environment that somebody made by hand in this place is kept; a half-made or moved one is not, nor one in
# which an installation was broken off (tools/prepare.py leaves `installing` behind).
sound() {
    [ ! -e "$stamps/installing" ] && grep -qF "$place/.venv/" .venv/bin/pip 2>/dev/null &&
        .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

make_venv() {
    python=
    for name in python3.11 python3 python python3.12 python3.13 python3.14; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$name
            break
        fi
    done
    [ -n "$python" ] || fail "no Python 3.11 or newer is on the PATH; install it (Debian, Ubuntu: apt install python3.11 python3.11-venv; macOS: brew install python@3.11)"
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python cannot make virtual environments; install its venv module (Debian, Ubuntu: apt install python3-venv)"
    printf 'making the virtual environment .venv with %s\n' "$("$python" --version)" >&2
    rm -rf .venv
    "$python" -m venv .venv || fail "the virtual environment could not be made in $place/.venv; the lines above say why"
}

sound || make_venv
mkdir -p "$stamps"
printf '%s\n' "$place" >"$stamps/venv.new"
mv "$stamps/venv.new" "$stamps/venv"
