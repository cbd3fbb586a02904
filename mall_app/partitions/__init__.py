"""Tables that are worked on partition by partition, on a Dask cluster."""
