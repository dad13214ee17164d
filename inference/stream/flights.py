"""Takes the changes of many streams to Redis together: one pipeline at a time, what comes meanwhile goes with the next.

A command alone costs several times what one among others does.
"""

import asyncio
from typing import Any, NamedTuple

import redis.asyncio

from inference.stream.pipeline import Command, replies_to


class Flight(NamedTuple):
    command: Command
    landed: asyncio.Future[Any]


class Flights:
    """The one way of a process's streams to Redis. Belongs to one event loop."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._waiting: list[Flight] = []
        self._sending: asyncio.Task[None] | None = None

    async def send(self, command: Command) -> Any:
        """Redis's reply.

        Raises redis.RedisError (OSError) when Redis does not answer or refuses, and whatever else befell the pipeline.
        A caller that is cancelled leaves its command on the way.
        """
        landed = asyncio.get_running_loop().create_future()
        self._waiting.append(Flight(command, landed))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="flights")
        return await landed

    async def _send(self) -> None:
        while self._waiting:
            flights, self._waiting = self._waiting, []
            await self._carry(flights)

    async def _carry(self, flights: list[Flight]) -> None:
        try:
            replies = await replies_to(self._client, [flight.command for flight in flights])
        except Exception as error:  # each caller judges it for itself
            replies = [error] * len(flights)
        except BaseException:
            for flight in flights:
                flight.landed.cancel()
            raise
        for flight, reply in zip(flights, replies, strict=True):
            if flight.landed.done():
                continue  # its caller has left
            if isinstance(reply, Exception):
                flight.landed.set_exception(reply)
            else:
                flight.landed.set_result(reply)
