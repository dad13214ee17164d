"""Operators at the Django admin."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from oasst_site.accounts.models import User


@pytest.fixture
def operator(database: None) -> Client:
    """The browser of a superuser."""
    return browser_of(User.objects.create_superuser("operator"))


@pytest.fixture
def clerk(database: None) -> Callable[..., Client]:
    """The browser of a member of staff with these permissions only."""

    def clerk(*permissions: str) -> Client:
        user = User.objects.create(username="clerk", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        return browser_of(user)

    return clerk


def browser_of(user: User) -> Client:
    """A browser in which this user is logged in."""
    browser = Client()
    browser.force_login(user)
    return browser
