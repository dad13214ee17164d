"""An ASGI application that sends as much as it can, and tells how much it got rid of."""

import json

CHUNK = b"x" * 1024
TIMES = 5
"""An echo is so many times as long as what was said."""
LIMIT = 200 * 1024 * 1024
sent = {"http": 0, "websocket": 0, "ended": 0}


async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        if scope["path"] == "/echo":
            while (message := await receive())["type"] != "websocket.disconnect":
                await send({"type": "websocket.send", "text": message["text"] * TIMES})
            return
        if scope["path"] == "/idle":
            while (await receive())["type"] != "websocket.disconnect":
                pass
            return
        while sent["websocket"] < LIMIT:
            await send({"type": "websocket.send", "bytes": CHUNK})
            sent["websocket"] += len(CHUNK)
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/flood":
        try:
            while sent["http"] < LIMIT:
                await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
                sent["http"] += len(CHUNK)
        finally:
            sent["ended"] += 1
    await send({"type": "http.response.body", "body": json.dumps(sent).encode()})
