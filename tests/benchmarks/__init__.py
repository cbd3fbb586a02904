"""How fast the workbench is, against what it replaces: ``python -m tests.benchmarks``."""
