"""The web process: Daphne with backpressure and a clean goodbye (`python -m oasst_site.web`)."""
