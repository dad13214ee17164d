"""Who a worker process is, by the key that it presents."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from workers.identity import Refused, identify, why_not_any_more
from workers.models import Worker, WorkerKey
from workers.models.key import TooManyKeys

pytestmark = pytest.mark.django_db


def create(name: str, *options: str) -> str:
    """The key that `manage.py create_worker` prints."""
    out = io.StringIO()
    call_command("create_worker", name, *options, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def rotate(name: str, *options: str) -> str:
    out = io.StringIO()
    call_command("rotate_worker_key", name, *options, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_a_created_worker_is_known_by_its_key_of_which_only_the_hash_is_kept():
    key = create("gpu-1", "--trusted")
    identity = identify(key)
    assert identity is not None
    assert identity.name == "gpu-1"
    assert Worker.objects.get().trusted
    row = WorkerKey.objects.get()
    assert key not in "".join(str(value) for value in vars(row).values())
    assert row.last_used_at is not None
    assert why_not_any_more(identity) == ""


def test_an_unknown_key_and_a_missing_one_are_refused_with_the_way_out():
    with pytest.raises(Refused, match="unknown here"):
        identify("nonsense")
    with pytest.raises(Refused, match="API_KEY"), override_settings(WORKER_KEYS_REQUIRED=True):
        identify(None)
    with override_settings(WORKER_KEYS_REQUIRED=False):
        assert identify(None) is None


def test_two_keys_are_good_at_once_and_no_more():
    old = create("gpu-1")
    new = rotate("gpu-1")
    assert identify(old) != identify(new)
    with pytest.raises(CommandError, match="revoke-old"):
        rotate("gpu-1")
    with pytest.raises(TooManyKeys):
        WorkerKey.objects.issue(Worker.objects.get())
    was, is_now = identify(old), identify(new)
    assert was is not None
    assert is_now is not None
    rotate("gpu-1", "--revoke-old")
    with pytest.raises(Refused, match="revoked at"):
        identify(old)
    assert "revoked" in why_not_any_more(was)
    assert why_not_any_more(is_now) == ""
    assert rotate("gpu-1").startswith("oasst_worker_")


def test_a_disabled_worker_is_refused_and_its_processes_learn_of_it():
    identity = identify(key := create("gpu-1"))
    assert identity is not None
    Worker.objects.update(enabled=False)
    assert why_not_any_more(identity) == "worker 'gpu-1' was disabled"
    with pytest.raises(Refused, match="disabled"):
        identify(key)
    Worker.objects.all().delete()
    assert why_not_any_more(identity) == "worker 'gpu-1' was deleted"


def test_debug_keys_are_good_in_debug_only():
    with override_settings(DEBUG=True, DEBUG_API_KEYS=["0000"]):
        identity = identify("0000")
        assert identity == identify("0000")
        assert identity is not None
        assert why_not_any_more(identity) == ""
        with pytest.raises(Refused):
            identify("0001")
    with override_settings(DEBUG_API_KEYS=["0000"]), pytest.raises(Refused, match="unknown"):
        identify("0000")
    assert not WorkerKey.objects.exists()


def test_a_worker_is_let_in_with_a_key_from_a_file_again_and_again(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text("k" * 40 + "\n", encoding="utf-8")
    for _ in range(2):
        create("compose", "--key-file", str(file))
    assert identify("k" * 40) is not None
    assert WorkerKey.objects.get().shown == "***"
    with pytest.raises(CommandError, match="the key is worker 'compose'"):
        create("other", "--key-file", str(file))
    for letter in "xyz":
        file.write_text(letter * 40, encoding="utf-8")
        create("compose", "--key-file", str(file))
    assert WorkerKey.objects.good().count() == 2
    assert identify("z" * 40) is not None
    file.write_text("short", encoding="utf-8")
    with pytest.raises(CommandError, match="5 characters"):
        create("compose", "--key-file", str(file))


def test_a_name_is_taken_once():
    create("gpu-1")
    with pytest.raises(CommandError, match="rotate_worker_key gpu-1"):
        create("gpu-1")
    with pytest.raises(CommandError, match="there is no worker 'gpu-2'; there are gpu-1"):
        rotate("gpu-2")
