"""Tables that stay in their files, and the Dask engine."""
