"""Compliance checks: now and then an untrusted worker makes a finished reply of another worker again.

`choosing` decides who is asked what (in the reconciler), `serving` makes the text (in the worker that was asked),
`verdict` compares, `score` sums up. Users never see any of it: a check is no message.
"""

TASK = "workers.check_compliance"
