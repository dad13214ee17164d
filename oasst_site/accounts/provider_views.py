"""Login by GitHub, Google and Discord, at Open-Assistant's paths: /auth/login/{provider}, /auth/callback/{provider}.

With `next` at the login (our own page) the callback ends in a session and leads there; without, it answers the token
pair, as Open-Assistant's does. The state parameter binds the callback to the browser that began.
"""

from allauth.socialaccount.internal.statekit import get_states
from allauth.socialaccount.providers.discord.views import DiscordOAuth2Adapter
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from oasst_site.accounts.models import User
from oasst_site.accounts.social import providers_that_are_on
from oasst_site.accounts.tokens import token_pair

ADAPTERS = {"discord": DiscordOAuth2Adapter, "github": GitHubOAuth2Adapter, "google": GoogleOAuth2Adapter}


@never_cache
@require_GET
def login(request: HttpRequest, provider: str) -> HttpResponse:
    """On to the provider."""
    if provider not in providers_that_are_on():
        return _refused(f"There is no login by {provider}: its keys are not set.", status=404)
    return OAuth2LoginView.adapter_view(ADAPTERS[provider])(request)


@never_cache
@require_GET
def callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Back from the provider: a session and on to `next`, or the token pair."""
    if provider not in providers_that_are_on():
        return _refused(f"There is no login by {provider}: its keys are not set.", status=404)
    state = get_states(request).get(request.GET.get("state", ""))
    wants_page = state is not None and bool(state[0].get("next"))
    response = OAuth2CallbackView.adapter_view(ADAPTERS[provider])(request)
    if wants_page:
        return response
    user = request.user
    has_logged_in = response.status_code == 302 and isinstance(user, User)
    pair = token_pair(user) if has_logged_in and isinstance(user, User) else None
    request.session.flush()
    if pair is None:
        return _refused(f"The login by {provider} failed: begin again at /api/auth/login/{provider}.", status=401)
    return JsonResponse(pair)


def _refused(sentence: str, *, status: int) -> HttpResponse:
    return JsonResponse({"detail": sentence}, status=status)
