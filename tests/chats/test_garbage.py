"""The garbage collector: what is loaded when a process begins to serve is out of its sight."""

import subprocess
import sys

SEEN = """
import gc
import oasst_site.celery
from chats.garbage import FRESH_OBJECTS, everything_is_loaded
assert gc.get_threshold()[0] == FRESH_OBJECTS, gc.get_threshold()
loaded = len(gc.get_objects())
everything_is_loaded()
print(len(gc.get_objects()) / loaded)
"""


def test_what_is_loaded_is_out_of_the_collectors_sight():
    seen = subprocess.run([sys.executable, "-c", SEEN], capture_output=True, text=True, check=True)
    assert float(seen.stdout) < 0.01
