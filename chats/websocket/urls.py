"""Websocket paths."""

from django.urls import path

from chats.websocket.consumer import ChatConsumer
from chats.websocket.nowhere import Nowhere

websocket_urlpatterns = [
    path("ws/chats/<chat_id>", ChatConsumer.as_asgi()),
    path("<path:anything>", Nowhere.as_asgi()),
]
