"""The suite: folders mirror the layers of the project."""
