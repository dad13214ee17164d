"""Paths under /api/auth/."""

from django.urls import path

from oasst_site.accounts import api

urlpatterns = [
    path("check", api.check),
    path("providers", api.providers),
    path("login/debug", api.login_debug),
    path("callback/debug", api.callback_debug, name="auth-callback-debug"),
    path("refresh", api.refresh),
    path("trusted", api.trusted),
    path("websocket_ticket", api.websocket_ticket),
]
