"""Giving new customers the segments there are."""
