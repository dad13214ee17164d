"""Paths under /api/auth/."""

from django.urls import path

from oasst_site.accounts import api, key_views, provider_views, token_views
from oasst_site.accounts.social import PROVIDERS

urlpatterns = [
    path("check", api.check),
    path("providers", api.providers),
    path("login/debug", api.login_debug),
    path("callback/debug", api.callback_debug, name="auth-callback-debug"),
    path("login/<provider>", provider_views.login, name="auth-login"),
    path("callback/<provider>", provider_views.callback, name="auth-callback"),
    *(path(f"callback/{name}", provider_views.callback, {"provider": name}, f"{name}_callback") for name in PROVIDERS),
    path("refresh", api.refresh),
    path("trusted", api.trusted),
    path("websocket_ticket", api.websocket_ticket),
    path("token", token_views.Tokens.as_view()),
    path("token/refresh", token_views.Rotation.as_view()),
    path("token/revoke", token_views.Revocation.as_view()),
    path("api_keys", key_views.ApiKeys.as_view()),
    path("api_keys/<key_id>", key_views.ApiKeyDetail.as_view()),
]
