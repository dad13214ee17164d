"""Watches the logins of open websockets: a revoked key, an ended session, a disabled user end theirs within seconds.

One look at the database every LOOK_EVERY_S serves all sockets of a process. It needs no word from whoever revokes or
disables, so that nothing can be forgotten there or lost on the way; asking for a reply costs no query more.
"""

import asyncio
import logging
from collections.abc import Callable
from weakref import WeakKeyDictionary

from chats.database import in_database
from oasst_site.accounts.logins import Login, still_good

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 3.0

_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, "LoginWatch"] = WeakKeyDictionary()


def current_watch() -> "LoginWatch":
    """The watch of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), LoginWatch())


class LoginWatch:
    """The logins of one event loop's sockets. Looks while there are any."""

    def __init__(self) -> None:
        self._ends: dict[object, tuple[Login, Callable[[], None]]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, login: Login, on_end: Callable[[], None]) -> Callable[[], None]:
        """Call `on_end` once when the login is good no more; what this returns stops watching it."""
        ticket = object()
        self._ends[ticket] = (login, on_end)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look_on())
        return lambda: self._remove(ticket)

    def _remove(self, ticket: object) -> None:
        self._ends.pop(ticket, None)
        if not self._ends and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            watched = dict(self._ends)
            try:
                good = await in_database(still_good, [login for login, _ in watched.values()])
            except Exception as error:  # the database is away: nobody is thrown out for that
                logger.info("The logins of the websockets were not looked at: %s", error)
                continue
            for ticket, (login, on_end) in watched.items():
                if login not in good and self._ends.pop(ticket, None) is not None:
                    on_end()
