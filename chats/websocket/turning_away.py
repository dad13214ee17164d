"""Turning a websocket away that cannot be let in just now: Postgres or Redis is away."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from chats.websocket.codes import TRY_AGAIN_LATER

logger = logging.getLogger(__name__)

NOT_READY = "The service is not ready; connect again in a moment."


async def turn_away(send: Callable[[dict[str, Any]], Awaitable[None]], subprotocol: str | None) -> None:
    """Accept, so that a browser can read why, and close. To be called while the error is handled, which is logged."""
    logger.warning("A websocket was turned away", exc_info=True)
    await send({"type": "websocket.accept", "subprotocol": subprotocol})
    await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": NOT_READY})
