#!/bin/sh
# Installs into .venv what uv.lock names, with its hashes: `install.sh base` what the tracer needs, `install.sh dev`
# the checkers too. Needs a Python 3.11 or later; the PYTHON variable names another than python3.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
venv=.venv

say() { echo "install: $*"; }

# Installs a Debian package, for a reason that is said; false where that cannot be done.
debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "the Debian package $1 ($2)"
    log=$(mktemp)
    if { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "$1"; } \
        >"$log" 2>&1 </dev/null; then
        rm "$log"
    else
        cat "$log" >&2
        return 1
    fi
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "$python is missing or older than 3.11; name one with: make PYTHON=python3.13 ..." >&2
    exit 1
}

# Debian ships Python without ensurepip, and then cannot fill a new environment.
if [ ! -x $venv/bin/pip ]; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        minor=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        debian "python$minor-venv" "this Python has no ensurepip" || {
            say "$python has no venv; on Debian run: sudo apt-get install python$minor-venv" >&2
            exit 1
        }
    fi
    say "a virtual environment in $venv"
    rm -rf $venv
    "$python" -m venv $venv
fi

if ! $venv/bin/pip freeze --all 2>/dev/null | grep -qx "$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' scripts/uv.txt)"; then
    say "uv, the installer, into $venv"
    $venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r scripts/uv.txt
fi

# --inexact: uv itself is no part of the lock and has to stay.
case ${1:-dev} in
    base) say "abm-trace and what it needs into $venv"; group=--no-dev ;;
    dev) say "abm-trace, what it needs and the checkers into $venv"; group=--dev ;;
    *) echo "usage: install.sh base|dev" >&2; exit 2 ;;
esac
UV_PROJECT_ENVIRONMENT=$venv UV_PYTHON_DOWNLOADS=never $venv/bin/uv sync --quiet --frozen --inexact $group

# Playwright drives the browser that is there; it downloads none.
if [ "$group" = --dev ] && ! { command -v chromium || command -v google-chrome; } >/dev/null; then
    debian chromium "the tests of the HTML report open it" ||
        say "no Chromium: the tests of the HTML report will be skipped; on Debian run: sudo apt-get install chromium" >&2
fi

if [ "$group" = --dev ]; then
    for each in curl openssl; do
        command -v $each >/dev/null || debian $each "it asks the lab's servers in tests" ||
            say "no $each: the tests of the lab's servers will be skipped; on Debian run: sudo apt-get install $each" >&2
    done
fi

# Unpacks a Debian package into $venv/debian and installs nothing: time servers exclude each other.
unpacked() {
    [ -n "$(find $venv/debian -name "$2" 2>/dev/null)" ] && return 0
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
    say "the Debian packages of $1, unpacked ($3)"
    [ "$(id -u)" != 0 ] || apt-get -qq update >/dev/null 2>&1 || return 1
    folder=$(mktemp -d)
    here=$PWD
    # shellcheck disable=SC2086  # Several packages, a word each.
    if ! (cd "$folder" && apt-get -qq download $1 && for each in *.deb; do dpkg -x "$each" "$here/$venv/debian"; done) \
        >"$folder/log" 2>&1 </dev/null; then
        cat "$folder/log" >&2
        rm -r "$folder"
        return 1
    fi
    rm -r "$folder"
}

if [ "$group" = --dev ]; then
    unpacked chrony chronyd "tests of the clock guard ask a real time server" ||
        say "no chronyd: tests of the clock guard will be skipped" >&2
    unpacked "faketime libfaketime" libfaketime.so.1 "tests set clocks wrong" ||
        say "no faketime: tests of wrong clocks will be skipped" >&2
    # Programs that test what remedies make; the libraries that a small system lacks come with them.
    unpacked "ntpsec libbsd0" ntpd "tests of ntp.conf" ||
        say "no ntpd: a test of remedies will be skipped" >&2
    unpacked isc-dhcp-server dhcpd "tests of dhcpd.conf" ||
        say "no dhcpd: a test of remedies will be skipped" >&2
    unpacked "shellcheck libgmp10 libffi8" shellcheck "tests of shell scripts" ||
        say "no shellcheck: tests of remedies will be skipped" >&2
    unpacked "dnsmasq-base libjansson4 libmnl0 libnetfilter-conntrack3 libnfnetlink0 libnftables1 libnftnl11 libxtables12" \
        dnsmasq "tests of its configuration" || say "no dnsmasq: tests of remedies will be skipped" >&2
    unpacked "kea-dhcp4-server kea-common liblog4cplus-2.0.5 libmariadb3 libpq5 libldap-2.5-0 libsasl2-2" \
        kea-dhcp4 "tests of its configuration" || say "no kea-dhcp4: tests of remedies will be skipped" >&2
    # Its own wrapper wants a newer Python; only the library in it is used.
    [ -e $venv/opa ] || {
        say "OPA's own engine, unpacked (tests ask it what Rego means)"
        $venv/bin/pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
            --only-binary=:all: --require-hashes --target $venv/opa -r scripts/opa.txt
    } || say "no OPA: tests of what Rego means will be skipped" >&2
    # A program of its own, with what it needs: none of it is a part of ours.
    [ -e $venv/pyaxm/ready ] || {
        say "pyaxm, a client of Apple's Business API, into an environment of its own (tests have it ask the lab)"
        "$python" -m venv --clear $venv/pyaxm && $venv/pyaxm/bin/pip install --quiet --disable-pip-version-check \
            --only-binary=:all: --require-hashes -r scripts/pyaxm.txt && touch $venv/pyaxm/ready
    } || say "no pyaxm: a test of the lab will be skipped" >&2
fi
