"""The terminal chat: `python -m chats.text_client`. Talks REST and SSE to a server; knows no Django."""
