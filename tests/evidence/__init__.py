"""Tests of what speaks for a number of segments."""
