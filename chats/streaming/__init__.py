"""Streams to readers: one hub per web process feeds every reader, whether websocket or SSE."""
