"""The websocket /ws/chats/{chat_id}: one chat, live, both ways. The protocol: docs/websocket.md."""
