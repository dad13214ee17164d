"""People of GitHub, Google and Discord (django-allauth): whom they become here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest

from oasst_site.accounts.models import User

PROVIDERS = {"discord": "Discord", "github": "GitHub", "google": "Google"}
"""Their names, and how they write themselves."""


def providers_that_are_on() -> list[str]:
    """Those whose keys are set."""
    return [name for name in PROVIDERS if name in settings.SOCIALACCOUNT_PROVIDERS]


class AccountAdapter(DefaultAccountAdapter):
    """Names and passwords: registering is for everybody with ALLOW_SIGNUP, else for nobody."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether people may register by themselves."""
        return bool(settings.ALLOW_SIGNUP)


class SocialAdapter(DefaultSocialAccountAdapter):
    """Somebody of a provider is the user of (provider, account id), as in Open-Assistant; made at the first login.

    No more than id and name is kept, no address; two providers' accounts are never taken for one person because of one.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Yes: an operator has set the provider's keys."""
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Drop what is not kept; find a user whom a trusted client has made."""
        sociallogin.email_addresses = []
        sociallogin.user.email = ""
        sociallogin.account.extra_data = {}
        if sociallogin.is_existing:
            return
        account = sociallogin.account
        known = User.objects.filter(provider=account.provider, provider_account_id=account.uid).first()
        if known is not None:
            sociallogin.connect(request, known)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """The new user."""
        user, account = sociallogin.user, sociallogin.account
        user.display_name = (user.username or f"{user.first_name} {user.last_name}".strip())[:150]
        user.first_name = user.last_name = ""
        user.provider, user.provider_account_id = account.provider, account.uid
        user.username = f"{account.provider}:{account.uid}"[:150]
        user.set_unusable_password()
        sociallogin.save(request)
        return user
