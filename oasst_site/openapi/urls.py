"""Paths of the API's documentation."""

from django.urls import path
from drf_spectacular.views import SpectacularSwaggerSplitView

from oasst_site.openapi.document import openapi_document
from oasst_site.openapi.websocket_page import websocket_page

urlpatterns = [
    path("schema", openapi_document, name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(template_name="openapi/docs.html"), name="api-docs"),
    path("docs/websocket", websocket_page, name="websocket-docs"),
]
