"""Doing things at once: a thread and a database connection for each."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

TOGETHER_WITHIN_S = 60.0


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Each action's answer, or the exception that it raised; all begin at the same moment."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        connections["default"].ensure_connection()
        start.wait(TOGETHER_WITHIN_S)
        try:
            return action()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result() for future in [pool.submit(run, action) for action in actions]]
