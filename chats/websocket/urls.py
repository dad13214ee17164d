"""Websocket paths."""

from django.urls import path, re_path

from chats.websocket.consumer import ChatConsumer
from chats.websocket.list_consumer import ChatListConsumer
from chats.websocket.nowhere import Nowhere

websocket_urlpatterns = [
    path("ws/chats", ChatListConsumer.as_asgi()),
    path("ws/chats/<chat_id>", ChatConsumer.as_asgi()),
    re_path("", Nowhere.as_asgi()),  # every other one
]
