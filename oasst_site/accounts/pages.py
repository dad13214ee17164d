"""Logging in and out in a browser, by session cookie."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chats.errors import Refused, TooMany
from oasst_site.accounts.debug import get_or_create_debug_user
from oasst_site.accounts.models import User
from oasst_site.accounts.social import PROVIDERS, providers_that_are_on

DEBUG_NAME = "guest"
"""The name that stands in the form where debug login is allowed: one click logs in."""


class CannotLogIn(Exception):
    """Nobody may log in with what was given; the text is for the person."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """The form; on POST a session for the user and on to `next` (a path of ours, else the chat page).

    Answers 400 with the form and a sentence when the login fails, 429 after too many tries.
    """
    onward = _onward(request)
    if request.user.is_authenticated and request.method != "POST":
        return HttpResponseRedirect(onward)
    name, error = request.POST.get("username", DEBUG_NAME if settings.ALLOW_DEBUG_AUTH else ""), ""
    status = 200
    if request.method == "POST":
        try:
            user = _user(request, name=name, password=request.POST.get("password", ""))
        except CannotLogIn as refusal:
            error, status = str(refusal), refusal.status
        else:
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            return HttpResponseRedirect(onward)
    context = {
        "debug": settings.ALLOW_DEBUG_AUTH,
        "error": error,
        "name": name,
        "next": onward,
        "providers": [(name, PROVIDERS[name]) for name in providers_that_are_on()],
        "may_sign_up": settings.ALLOW_SIGNUP,
    }
    return TemplateResponse(request, "accounts/login.html", context, status=status)


@require_POST
def logout_page(request: HttpRequest) -> HttpResponse:
    """End the session; on to the login form."""
    logout(request)
    return HttpResponseRedirect(resolve_url(settings.LOGIN_URL))


def _user(request: HttpRequest, *, name: str, password: str) -> User:
    """The user of name and password, or the debug user of the name where that is allowed. Raises CannotLogIn."""
    if settings.ALLOW_DEBUG_AUTH and not password:
        try:
            user = get_or_create_debug_user(name)
        except Refused as refusal:
            raise CannotLogIn(refusal.message) from refusal
        if not user.is_active:
            raise CannotLogIn(_("This account is disabled."))
        return user
    try:
        found = authenticate(request, username=name, password=password)
    except TooMany as refusal:
        raise CannotLogIn(refusal.message, status=refusal.status) from refusal
    if not isinstance(found, User):
        raise CannotLogIn(_("No active account has this name and password."))
    return found


def _onward(request: HttpRequest) -> str:
    """Where to go after logging in: `next` if it stays on this host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)
