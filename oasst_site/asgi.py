"""The ASGI application: Django for HTTP, Channels for the websocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()  # sets Django up: what follows imports models

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from chats.websocket.urls import websocket_urlpatterns  # noqa: E402
from oasst_site.accounts.websocket import WebsocketAuthentication  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": WebsocketAuthentication(URLRouter(websocket_urlpatterns)),
    }
)
