"""Customers as points: coordinates, distances, and ways to look at them."""
