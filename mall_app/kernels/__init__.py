"""Clustering methods of our own, on plain arrays."""
