"""Which Chromium to test with: ``python tests/app/chromium.py`` fails where there is none."""

from __future__ import annotations

import shutil
import sys

# The first has no windows to draw and none of the pages of a browser's own: half the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str | None:
    """Find one on PATH; None where Playwright's own has to do."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


if __name__ == "__main__":
    sys.exit(0 if chromium_path() else 1)
