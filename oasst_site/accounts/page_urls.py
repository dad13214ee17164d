"""Paths of the login pages."""

from django.urls import path

from oasst_site.accounts import pages

urlpatterns = [
    path("login", pages.login_page, name="login"),
    path("logout", pages.logout_page, name="logout"),
]
