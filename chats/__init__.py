"""Chats and their messages, and what people do with them."""
