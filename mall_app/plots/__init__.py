"""Pure functions from a result to HoloViews elements, and the palette they share."""
