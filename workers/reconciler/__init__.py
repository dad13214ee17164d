"""The reconciler: a timer in every maintenance worker that gives on what was left behind.

liveness, orphans and missing_tickets decide, on plain data; looks reads the world and acts changes it; round joins
them, timer repeats it, leadership lets one process of many do so.
"""
