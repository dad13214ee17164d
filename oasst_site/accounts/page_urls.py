"""Paths of the login pages."""

from allauth.account.views import account_inactive, signup
from django.urls import path
from django.views.generic import RedirectView

from oasst_site.accounts import pages

urlpatterns = [
    path("login", pages.login_page, name="login"),
    path("logout", pages.logout_page, name="logout"),
    path("signup", signup, name="account_signup"),
    # The names by which allauth knows these
    path("login/disabled", account_inactive, name="account_inactive"),
    path("login/begin", RedirectView.as_view(pattern_name="login"), name="account_login"),
    path("login/cancelled", RedirectView.as_view(pattern_name="login"), name="socialaccount_login_cancelled"),
]
