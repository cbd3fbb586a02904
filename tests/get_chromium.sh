#!/bin/sh
# Find a Chromium for the browser tests, or get one; say plainly when there is none.
# Use: get_chromium.sh PYTHON
"$1" tests/app/chromium.py && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's Chromium for the browser tests ..."
    apt-get update -qq
    for package in chromium-headless-shell chromium; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null && exit 0
    done
fi
"$1" -m playwright install chromium && exit 0
echo "No Chromium: put chromium on PATH, or run 'playwright install chromium'. Browser tests will fail." >&2
