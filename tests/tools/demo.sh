#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to a first result: names what is missing, installs it where
# apt-get can, builds, and runs the quick-start scenario.
set -eu
cd "$(dirname "$0")/../.."

# What is needed, and its name for apt, dnf, pacman, apk and brew.
needs='compiler    build-essential     gcc             base-devel build-base       gcc
make        build-essential     make            base-devel build-base       make
pkg-config  pkg-config          pkgconf         pkgconf    pkgconf          pkg-config
yaml        libyaml-dev         libyaml-devel   libyaml    yaml-dev         libyaml
sqlite3     libsqlite3-dev      sqlite-devel    sqlite     sqlite-dev       sqlite
yajl        libyajl-dev         yajl-devel      yajl       yajl-dev         yajl
zlib        zlib1g-dev          zlib-devel      zlib       zlib-dev         zlib
gnuplot     gnuplot-nox         gnuplot-minimal gnuplot    gnuplot          gnuplot
criterion   libcriterion-dev    criterion-devel criterion  criterion-dev    criterion
jq          jq                  jq              jq         jq               jq'

has() {
    case $1 in
    compiler) command -v cc ;;
    make | gnuplot | pkg-config | jq) command -v "$1" ;;
    yaml) pkg-config --exists yaml-0.1 ;;
    criterion) printf '#include <criterion/criterion.h>\n' | cc -E -x c - ;;
    *) pkg-config --exists "$1" ;;
    esac >/dev/null 2>&1
}

missing() { # COLUMN: the packages of what is absent
    while read -r what names; do
        has "$what" || echo "$what $names" | awk -v c="$1" '{ print $c }'
    done <<<"$needs" | sort -u | tr '\n' ' '
}

install_with_apt() {
    local packages=$1 root=
    local command="apt-get install -y --no-install-recommends $packages"
    echo "podtide needs these packages: $packages"
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "Please run:  sudo $command"
            echo "and then again:  make demo"
            exit 1
        fi
        root=sudo
    fi
    echo "+ ${root:+sudo }$command"
    # shellcheck disable=SC2086
    $root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $root $command >/dev/null
}

if [ -n "$(missing 2)" ]; then
    if command -v apt-get >/dev/null; then
        install_with_apt "$(missing 2)"
    else
        echo "Missing; please install with the package manager of this system:"
        echo "  dnf install $(missing 3)"
        echo "  pacman -S $(missing 4)"
        echo "  apk add $(missing 5)"
        echo "  brew install $(missing 6)"
        exit 1
    fi
fi
build=${BUILD:-build}
${MAKE:-make} -s BUILD="$build"
exec "$build/podtide" run scenarios/quickstart.yaml
