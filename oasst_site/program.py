"""Which program this process is."""

import sys
from typing import Final

IS_CELERY: Final = "celery.bin.celery" in sys.modules
"""Celery's own command line: a worker, beat, or one of its commands. It is loaded before anything of ours."""
