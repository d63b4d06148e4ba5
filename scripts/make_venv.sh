#!/usr/bin/env bash
# Makes the virtual environment and installs the project with its pinned versions: make_venv.sh FOLDER [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

find_python() {
    # The name alone is no proof: shims of version managers exist for Pythons that are not there.
    local name
    for name in python3.12 python3.13 python3.11 python3 python; do
        if fits "$name"; then echo "$name"; return; fi
    done
    echo "No Python 3.11, 3.12 or 3.13 found. Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2
    return 1
}

if ! { [ -x "$venv/bin/python" ] && fits "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    python=${2:-$(find_python)}
    fits "$python" || { echo "$python is not a Python 3.11, 3.12 or 3.13" >&2; exit 1; }
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        scripts/apt_install.sh "python$version-venv" ||
            { echo "$python cannot make environments: install its venv module (Debian: python$version-venv)" >&2; exit 1; }
    fi
    echo "Making $venv with $("$python" --version)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
echo "Installing the pinned versions; a first time takes some minutes"
"$venv/bin/python" -m pip install -qq --constraint constraints.txt --editable '.[dev]'
# An editable install leaves them as they are, and whoever sets PYTHONDONTWRITEBYTECODE would compile them in each process.
"$venv/bin/python" -m compileall -q lib runner
echo "Set-up took $SECONDS s; it is not done again until pyproject.toml or constraints.txt changes"
