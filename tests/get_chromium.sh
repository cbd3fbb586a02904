#!/bin/sh
# Find a Chromium for the browser tests, or get one; say plainly when there is none.
# Use: get_chromium.sh PYTHON
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's chromium for the browser tests ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
"$1" -m playwright install chromium && exit 0
echo "No Chromium: put chromium on PATH, or run 'playwright install chromium'. Browser tests will fail." >&2
