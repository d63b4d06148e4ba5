#!/usr/bin/env bash
# Installs Debian packages where that needs no password: apt_install.sh PACKAGE...; fails silently where it does not.
set -euo pipefail
command -v apt-get >/dev/null || exit 1
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || exit 1
    as_root=(sudo -n)
fi
# bash 3 and 4.3 take an empty array for an unset one.
run() { ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive "$@"; }
echo "Installing $* with apt-get"
run apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1 && exit 0
run apt-get update -q >/dev/null && run apt-get install -y -q --no-install-recommends "$@" >/dev/null
