"""`make bench`: measures the running stack through its public interfaces (docs/performance.md)."""
