"""Models kept in files: one file a model, a folder of them, and fits done again from a receipt."""
