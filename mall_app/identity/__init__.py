"""The same segment keeps its number from one fit to the next."""
