"""Open-Assistant's /auth paths: check, providers, debug login, refresh."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from chats.errors import Forbidden, Unprocessable
from oasst_site.accounts.authentication import login_ends_at, session_of
from oasst_site.accounts.debug import PROVIDER, get_or_create_debug_user, require_debug_auth
from oasst_site.accounts.deletion import delete_account
from oasst_site.accounts.models import User
from oasst_site.accounts.social import providers_that_are_on
from oasst_site.accounts.tokens import refresh_token, token_pair
from oasst_site.accounts.trusted import HEADER, get_or_create_trusted_user, read_header
from oasst_site.accounts.websocket_tickets import LIFETIME_S, issue


@api_view(["GET"])
def check(request: Request) -> Response:
    """The id of the user behind the token."""
    return Response(str(request.user.pk))


@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def providers(request: Request) -> Response:
    """The names of the login providers that are on."""
    return Response([*providers_that_are_on(), *([PROVIDER] if settings.ALLOW_DEBUG_AUTH else [])])


@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def login_debug(request: Request) -> HttpResponseRedirect:
    """Redirect to the callback, as a login provider would."""
    require_debug_auth()
    username = request.query_params.get("username", "")
    if not username:
        raise Unprocessable("username is missing: /auth/login/debug?username=NAME", field="username")
    query = {"code": username} | ({"state": request.query_params["state"]} if "state" in request.query_params else {})
    return HttpResponseRedirect(f"{reverse('auth-callback-debug')}?{urlencode(query)}")


@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def callback_debug(request: Request) -> Response:
    """A token pair for the debug user named by `code`; the user is made when new."""
    return Response(token_pair(get_or_create_debug_user(request.query_params.get("code", ""))))


@api_view(["GET"])
@authentication_classes([])
@permission_classes([AllowAny])
def refresh(request: Request) -> Response:
    """A fresh access token for the refresh token in the header `Refresh`; the refresh token stays good."""
    raw = request.headers.get("Refresh", "").removeprefix("Bearer ").strip()
    if not raw:
        raise Forbidden("The header `Refresh: TOKEN` is missing.")
    token = refresh_token(raw)
    return Response({"access_token": str(token.access_token), "token_type": "bearer"})


@api_view(["POST"])
@authentication_classes([])
@permission_classes([AllowAny])
def trusted(request: Request) -> Response:
    """The user that a trusted client speaks for, made when it is new."""
    header = request.headers.get(HEADER)
    if header is None:
        raise Forbidden(f"The header `{HEADER}` is missing.")
    user = get_or_create_trusted_user(read_header(header))
    return Response(
        {
            "id": str(user.pk),
            "provider": user.provider,
            "provider_account_id": user.provider_account_id,
            "display_name": user.display_name,
            "created_at": user.date_joined.isoformat(),
            "deleted": False,
        }
    )


@api_view(["DELETE"])
def account(request: Request) -> Response:
    """Delete one's account with everything in it; what runs is stopped."""
    assert isinstance(request.user, User), "the permission lets nobody else in"
    delete_account(request.user)
    request.session.flush()
    return Response()


@api_view(["POST"])
def websocket_ticket(request: Request) -> Response:
    """A one-use ticket for a websocket from a page of another origin; good for `expires_in` seconds."""
    ticket = issue(request.user, login_expires_at=login_ends_at(request), session_key=session_of(request))
    return Response({"ticket": ticket, "expires_in": LIFETIME_S})
