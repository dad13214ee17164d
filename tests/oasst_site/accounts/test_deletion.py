"""Deleting one's account leaves nothing of that person behind, and touches nobody else."""

import json

import pytest
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client
from django.utils import timezone

from chats.models import Message, Preferences, Report, SavedPreset, Share, Usage
from chats.repository.asking import add_prompt
from oasst_site.accounts.models import ApiKey
from tests.chats.people import Person


def everything():
    """All that is stored, as text."""
    tables = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return {model._meta.label: serialize("json", model._default_manager.all()) for model in tables}


def settle(person: Person, word: str) -> None:
    """Gives the person something in every table."""
    chat = person.chat()
    prompt = add_prompt(chat=chat, parent_id=None, content=word)
    reply = Message.objects.create(chat=chat, parent=prompt, role="assistant", state="complete", content=word)
    Report.objects.create(message=reply, report_type="feedback", reason=word)
    Share.objects.create(chat=chat, snapshot={"title": word})
    Usage.objects.create(user=person.user, day=timezone.now().date(), model_config_name=word, replies=1)
    Preferences.objects.create(user=person.user, user_profile=word)
    SavedPreset.objects.create(user=person.user, name=word, sampling_parameters={})
    ApiKey.objects.all().issue(user=person.user, name=word, scopes=["chats:read"])
    SocialAccount.objects.create(user=person.user, provider="github", uid=word, extra_data={})


@pytest.mark.parametrize("by", ["token", "session"])
def test_nothing_of_the_person_stays_and_nobody_else_is_touched(person, stranger, by):
    settle(stranger, "theirs")
    before = everything()
    settle(person, "mine")
    client = Client(headers={"Authorization": person.bearer}) if by == "token" else Client()
    if by == "session":
        client.force_login(person.user)
    assert client.delete("/api/account/").status_code == 200
    after = everything()
    for table, rows in after.items():
        assert str(person.user.pk) not in rows, table
        assert '"mine"' not in rows, table
        if table not in ("accounts.User", "token_blacklist.OutstandingToken"):
            assert json.loads(rows) == json.loads(before[table]), table
    assert client.get("/api/auth/check").status_code in (401, 403)
    assert stranger.api.get("auth/check").status == 200
