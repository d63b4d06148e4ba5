#!/usr/bin/env bash
# Prints the Chromium or Chrome that the browser tests will use; installs Chromium where that needs no password.
# RIBBON_NO_BROWSER=1: done without, the browser tests are skipped. RIBBON_CHROME=FILE: this one.
set -euo pipefail
cd "$(dirname "$0")/.."

find_browser() {
    # Started once, because on some systems the name is only a stub that asks to install the rest.
    local candidate
    for candidate in "${RIBBON_CHROME:-}" chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        if [ -n "$candidate" ] && version=$("$candidate" --version 2>/dev/null) && [ -n "$version" ]; then
            echo "Browser: $version"
            return 0
        fi
    done
    return 1
}

if [ "${RIBBON_NO_BROWSER:-}" = 1 ]; then
    echo "RIBBON_NO_BROWSER=1: the browser tests are skipped"
    exit 0
fi
find_browser && exit 0
if scripts/apt_install.sh chromium chromium-driver && find_browser; then exit 0; fi
cat >&2 <<'EOF'
No Chromium or Chrome found, and none could be installed without a password. The browser tests need one:
  Debian:  apt-get install chromium chromium-driver   (as root)
  macOS:   install Google Chrome
  else:    RIBBON_CHROME=/path/to/chrome make test, or RIBBON_NO_BROWSER=1 make test to do without these tests
EOF
exit 1
