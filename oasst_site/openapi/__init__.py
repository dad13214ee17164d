"""The API described by itself: OpenAPI 3.1 at /api/schema, read at /api/docs; the websocket's protocol beside it."""
