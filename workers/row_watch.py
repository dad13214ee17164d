"""The rows behind the running replies: one whose row is no longer its attempt's is stopped, though nobody said so.

Whoever ends a reply fences its stream and sends the worker word, both by Redis. With Redis away neither arrives: only
the row knows of the end, and the engine would go on to the last token.
"""

import asyncio
import logging
from typing import Final

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError

from chats.repository import work
from workers.in_flight import InFlight, StopReason

logger = logging.getLogger(__name__)

EVERY_S: Final = 2.0


async def watch_rows(in_flight: InFlight) -> None:
    """Look every EVERY_S, with one query for all replies; a Postgres that is away is asked again."""
    while True:
        await asyncio.sleep(EVERY_S)
        if not (replies := in_flight.replies()):
            continue
        ids = [reply.message_id for reply in replies]
        try:
            attempts = await database_sync_to_async(work.running_attempts, thread_sensitive=False)(ids)
        except DatabaseError as error:
            logger.info("The rows of %d replies cannot be read: %s", len(ids), error)
            continue
        for reply in replies:
            if attempts.get(reply.message_id) != reply.attempt and reply.stop_reason is None:
                logger.info("Message %s is no longer attempt %d's: stopped", reply.message_id, reply.attempt)
                reply.stop(StopReason.ENDED)
