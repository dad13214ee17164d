"""What a person has used, against the budget."""

from datetime import UTC, timedelta

from django.utils import timezone

from chats.models import Usage
from tests.chats.shapes import UsageRead


def use(person, tokens, *, days_ago=0, model="llama"):
    day = timezone.now().astimezone(UTC).date() - timedelta(days=days_ago)
    Usage.objects.create(
        user=person.user, day=day, model_config_name=model, replies=2, prompt_tokens=5, generated_tokens=tokens
    )
    return day.isoformat()


def test_without_a_limit_none_is_told(person):
    told = person.api.get("usage").read(UsageRead)
    assert told.today.model_dump() == {"limit": None, "used": 0, "left": None}
    assert told.days == []


def test_todays_tokens_count_against_the_limit(person, stranger, settings):
    settings.USER_DAILY_TOKENS = 100
    use(person, 30)
    use(person, 20, model="alpaca")
    use(person, 500, days_ago=1)
    use(stranger, 70)
    told = person.api.get("usage").read(UsageRead)
    assert told.today.model_dump() == {"limit": 100, "used": 50, "left": 50}
    assert timedelta() < told.resets_at - timezone.now() <= timedelta(days=1)


def test_the_last_days_are_told_by_model_newest_first(person):
    today, before = use(person, 3), use(person, 4, days_ago=6)
    use(person, 5, days_ago=7)
    told = person.api.get("usage?days=7").read(UsageRead)
    assert [(each.day, each.generated_tokens, each.replies) for each in told.days] == [(today, 3, 2), (before, 4, 2)]


def test_a_senseless_number_of_days_is_refused(person):
    assert person.api.get("usage?days=0").refused(422).field == "days"
