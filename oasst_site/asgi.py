"""The ASGI application: Django for HTTP, Channels for the websocket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")

import django

from oasst_site.start import refuse_bad_settings

refuse_bad_settings()
django.setup()  # what follows imports models

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from chats.telemetry.logs import describe_process  # noqa: E402
from chats.websocket.urls import websocket_urlpatterns  # noqa: E402
from oasst_site.accounts.websocket import WebsocketAuthentication  # noqa: E402
from oasst_site.health.dependencies import readiness  # noqa: E402
from oasst_site.health.probes import Probes  # noqa: E402
from oasst_site.web.access import LoggedHandler, LoggedWebsockets  # noqa: E402
from oasst_site.web.language import WebsocketLanguage  # noqa: E402
from oasst_site.web.prefix import PathPrefix  # noqa: E402

describe_process(process="web")

application = PathPrefix(
    ProtocolTypeRouter(
        {
            "http": Probes(LoggedHandler(), readiness()),
            "websocket": WebsocketLanguage(
                WebsocketAuthentication(LoggedWebsockets(URLRouter(websocket_urlpatterns))),
            ),
        }
    ),
    settings.PATH_PREFIX,
)
