"""Faults of readers, that must harm nobody else: one vanishes, one never reads, one comes back every 100 ms."""

import asyncio
import socket
import struct
from urllib.parse import urlsplit

from tests.chaos.person import Asked, Person
from tests.chaos.readers import Reader, RestlessEventStreamReader, RestlessWebsocketReader
from tests.chaos.scene import Fault, Scene

NO_LINGERING = struct.pack("ii", 1, 0)


class DeafReader:
    """A raw connection to a reply's event stream that reads nothing."""

    def __init__(self, person: Person, asked: Asked) -> None:
        address = urlsplit(person.url)
        assert address.hostname is not None
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect((address.hostname, address.port or 80))
        path = f"/api/chats/{asked.chat_id}/messages/{asked.message_id}/events"
        lines = [f"GET {path} HTTP/1.1", f"Host: {address.netloc}"]
        lines += [f"{name}: {value}" for name, value in person.headers.items()]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())

    async def leave(self) -> None:
        """By a reset: without a goodbye."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)
        self._socket.close()


async def _vanishes(scene: Scene) -> None:
    for reply in scene.replies:
        await DeafReader(scene.person, reply.asked).leave()


async def _never_reads(scene: Scene) -> None:
    for reply in scene.replies:
        scene.others.append(DeafReader(scene.person, reply.asked).leave)


async def _fast(scene: Scene) -> None:
    """So fast that what waits for a deaf reader would soon be much."""
    await scene.stack.arm(
        *({"kind": "pace", "tokens_per_second": 0, "prompt_contains": each} for each in scene.prompts)
    )


async def _restless(scene: Scene) -> None:
    for reply in scene.replies:
        chat = (scene.person, reply.asked.chat_id, reply.asked.message_id)
        restless: list[Reader] = [RestlessEventStreamReader(*chat), RestlessWebsocketReader(*chat)]
        reply.readers += restless
    await asyncio.sleep(0)


READER_FAULTS = (
    Fault("reader: vanishes", _vanishes),
    Fault("reader: never reads", _never_reads, prepare=_fast, tokens=20_000, replies=1, strike_at=None),
    Fault("reader: comes back every 100 ms", _restless, strike_at=None),
)
