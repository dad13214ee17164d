"""`manage.py check` refuses settings of accounts that cannot be meant; `--deploy`, those that must not go out."""

import pytest
from django.core.checks import run_checks


def ids(*, deploy):
    found = run_checks(include_deployment_checks=deploy)
    return {each.id for each in found if each.id.startswith("accounts.")}


@pytest.fixture(autouse=True)
def as_it_should_be(settings):
    settings.DEBUG = False
    settings.ALLOW_DEBUG_AUTH = False
    settings.RATE_LIMIT = True


def test_good_settings_pass():
    assert ids(deploy=True) == set()


def test_debug_login_is_refused_for_a_deployment(settings):
    settings.ALLOW_DEBUG_AUTH = True
    assert ids(deploy=True) == {"accounts.E001"}
    assert ids(deploy=False) == set()


def test_missing_limits_are_told(settings):
    settings.RATE_LIMIT = False
    assert ids(deploy=True) == {"accounts.W001"}
