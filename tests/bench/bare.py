"""The control of what a request costs: the least that Django and DRF can do, served by Daphne in a process of its own.

`GET /` is a view that does nothing; `POST /rows` an APIView that checks a body and makes two rows in one transaction,
in a table of its own of the same Postgres. No authentication, no middleware, no logging, no Redis.
"""

import os
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from psycopg.conninfo import conninfo_to_dict

_at = conninfo_to_dict(os.environ["DATABASE_URL"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="it signs nothing",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _at["dbname"],
            **{name.upper(): str(_at[name]) for name in ("user", "password", "host", "port") if _at.get(name)},
            "OPTIONS": {"pool": True},
        }
    },
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402  # after the settings
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Row(models.Model):
    """One line of text."""

    text = models.TextField()

    class Meta:
        app_label = "bare"
        db_table = "bench_bare_row"

    def __str__(self) -> str:
        return self.text


class Body(serializers.Serializer[dict[str, Any]]):
    """What is posted."""

    text = serializers.CharField()


class Rows(APIView):
    """/rows"""

    def post(self, request: Request) -> Response:
        """Two rows of the body's text."""
        body = Body(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            ids = [Row._default_manager.create(**body.validated_data).pk for _ in range(2)]
        return Response({"ids": ids})


def nothing(request: HttpRequest) -> HttpResponse:
    """The view that does nothing."""
    return HttpResponse("{}", content_type="application/json")


urlpatterns = [path("", nothing), path("rows", Rows.as_view())]

with connection.cursor() as cursor:
    cursor.execute(f"CREATE TABLE IF NOT EXISTS {Row._meta.db_table} (id bigserial PRIMARY KEY, text text NOT NULL)")
connection.close()

application = get_asgi_application()
