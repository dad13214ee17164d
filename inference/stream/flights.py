"""Takes the changes of many streams to Redis together: one pipeline at a time, what comes meanwhile goes with the next.

A command alone costs several times what one among others does. And whoever reads along pays for every flight: so
between two pipelines lies a pause that grows with the number of streams, too short to be seen.
"""

import asyncio
from typing import Any, Final, NamedTuple

import redis.asyncio

PAUSE_PER_FLIGHT_S: Final = 0.0004
"""2,500 flights a second at the most: with one stream no pause to speak of, with 64 one of 26 ms."""
LONGEST_PAUSE_S: Final = 0.12
"""However many streams there are: a token must not come later than people notice."""

Command = tuple[Any, ...]


class Flight(NamedTuple):
    command: Command
    landed: asyncio.Future[Any]


class Flights:
    """The one way of a process's streams to Redis. Belongs to one event loop."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        *,
        pause_per_flight_s: float = PAUSE_PER_FLIGHT_S,
        longest_pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self._client = client
        self._pause_per_flight_s = pause_per_flight_s
        self._longest_pause_s = longest_pause_s
        self._waiting: list[Flight] = []
        self._soon = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    async def send(self, command: Command, *, soon: bool) -> Any:
        """Redis's reply. soon: do not wait for the pause to end: somebody waits for the first or the last of a text.

        Raises redis.RedisError (OSError) when Redis does not answer or refuses, and whatever else befell the pipeline.
        A caller that is cancelled leaves its command on the way.
        """
        landed = asyncio.get_running_loop().create_future()
        self._waiting.append(Flight(command, landed))
        if soon:
            self._soon.set()
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="flights")
        return await landed

    async def _send(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._waiting:
            began = clock()
            flights, self._waiting = self._waiting, []
            self._soon.clear()
            await self._carry(flights)
            pause_s = min(len(flights) * self._pause_per_flight_s, self._longest_pause_s) - (clock() - began)
            if pause_s > 0:
                try:
                    async with asyncio.timeout(pause_s):
                        await self._soon.wait()
                except TimeoutError:
                    pass

    async def _carry(self, flights: list[Flight]) -> None:
        pipe = self._client.pipeline(transaction=False)
        for flight in flights:
            pipe.execute_command(*flight.command)
        try:
            replies = await pipe.execute(raise_on_error=False)
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
