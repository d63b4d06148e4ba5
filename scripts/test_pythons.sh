#!/usr/bin/env bash
# Runs the fast tests on each Python that the project supports and this machine has: test_pythons.sh FOLDER [PYTHON…]
# FOLDER keeps an environment for each. Found are those on PATH and those that pyenv keeps; named ones are taken instead.
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

find_python() {
    # The name alone is no proof: shims of version managers exist for Pythons that are not there.
    local python
    for python in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if [ "$(version_of "$python")" = "$1" ]; then echo "$python"; return; fi
    done
}

pythons=("$@")
if [ $# -eq 0 ]; then
    for version in 3.11 3.12 3.13; do
        python=$(find_python "$version")
        if [ -n "$python" ]; then
            pythons+=("$python")
        else
            echo "Python $version: not found here"
        fi
    done
fi
[ "${#pythons[@]}" -gt 0 ] ||
    { echo "No Python 3.11, 3.12 or 3.13 found. Install one, or name them: make test-pythons PYTHONS=/path/to/python3.13" >&2; exit 1; }

results=()
status=0
for python in "${pythons[@]}"; do
    version=$(version_of "$python") || { echo "$python does not start" >&2; exit 1; }
    echo "Python $version: $python"
    if make --no-print-directory VENV="$folder/$version" PYTHON="$python" test-fast; then
        results+=("Python $version: green")
    else
        results+=("Python $version: RED")
        status=1
    fi
done
printf '%s\n' "${results[@]}"
exit "$status"
