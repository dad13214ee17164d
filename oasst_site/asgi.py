"""The ASGI application: Django for HTTP, Channels for the websocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")

import django

django.setup()  # what follows imports models

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from chats.websocket.urls import websocket_urlpatterns  # noqa: E402
from oasst_site.accounts.websocket import WebsocketAuthentication  # noqa: E402
from oasst_site.web.handler import Handler  # noqa: E402
from oasst_site.web.language import WebsocketLanguage  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": Handler(),
        "websocket": WebsocketLanguage(WebsocketAuthentication(URLRouter(websocket_urlpatterns))),
    }
)
