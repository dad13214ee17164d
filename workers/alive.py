"""The file by which a worker process shows that it is not stuck: touched while its loop goes round.

For the probes of containers, which must not ask the broker: a worker whose Redis is away is well, and waits.
"""

import logging
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

_complaint = ""


def show_alive() -> None:
    """Touch ALIVE_FILE, when there is one. What goes wrong is logged once, not raised."""
    global _complaint
    if not settings.ALIVE_FILE:
        return
    try:
        Path(settings.ALIVE_FILE).touch()
    except OSError as error:
        if str(error) != _complaint:
            logger.warning("ALIVE_FILE cannot be touched, so that probes take this process for stuck: %s", error)
        _complaint = str(error)
    else:
        _complaint = ""
