"""Waits that end only when the client leaves."""

import asyncio


async def forever() -> None:
    """Does not return; the server cancels the handler when its client closes the connection."""
    await asyncio.Event().wait()
