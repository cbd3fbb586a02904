"""What the figures were taken on: processor, memory and the versions that decide the speed."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = (
    "numpy",
    "pandas",
    "scikit-learn",
    "numba",
    "matplotlib",
    "panel",
    "bokeh",
    "tornado",
    "fastapi",
    "uvicorn",
    "httpx",
    "playwright",
)


def processor() -> str:
    """Return the model name of the processor, as the kernel gives it where it does."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_gib() -> float:
    """Return the size of the main memory in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def library_versions() -> dict[str, str]:
    """Return the version of each library that plays a part, those not installed left out."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def describe() -> str:
    """Return the machine in a few lines of Markdown.

    The load average is among them because a busy machine makes every figure worse.
    """
    libraries = ", ".join(f"{name} {number}" for name, number in library_versions().items())
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"- machine: {processor()}, {os.cpu_count()} cores, {memory_gib():.0f} GiB, "
        f"{platform.system()} {platform.release()}; load before the run {load}\n"
        f"- Python {platform.python_version()}; {libraries}"
    )
