"""Queue names."""

from uuid import UUID

import pytest

from inference.queues import queue_name, session_queue


def test_a_queue_is_named_after_the_compat_hash_in_plain_characters():
    assert queue_name("OpenAssistant/x y:1-2-1-f") == "model.OpenAssistant_x_y_1-2-1-f"


def test_a_queue_without_a_model_is_refused():
    with pytest.raises(ValueError, match="compat_hash is empty"):
        queue_name("")


def test_a_session_has_its_own_queue():
    session = UUID("0198c0de-0000-7000-8000-000000000000")
    assert session_queue(session) == session_queue(str(session)) == "session.0198c0de-0000-7000-8000-000000000000"
