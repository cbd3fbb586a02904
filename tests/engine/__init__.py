"""Tests of the process pool and its cache."""
