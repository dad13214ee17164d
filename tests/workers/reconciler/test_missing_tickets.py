"""Tickets are sent again when the broker has lost them, and do not pile up when it has not."""

from hypothesis import given
from hypothesis import strategies as st

from workers.reconciler.missing_tickets import MOST_AT_ONCE, MissingTickets, QueueState

Q = "some-model-2048-1024-f"


def see(missing: MissingTickets, waiting: int, tickets: int, free_seats: int = 4) -> int:
    return missing.see({Q: QueueState(waiting=waiting, free_seats=free_seats, tickets=tickets)}).get(Q, 0)


def test_a_flushed_queue_gets_a_ticket_for_each_waiting_message_at_the_second_look():
    missing = MissingTickets()
    assert see(missing, waiting=7, tickets=0) == 0
    assert see(missing, waiting=7, tickets=0) == 7


def test_what_was_sent_is_not_sent_again_at_once():
    missing = MissingTickets()
    see(missing, waiting=7, tickets=0)
    see(missing, waiting=7, tickets=0)
    assert see(missing, waiting=7, tickets=0) == 0


def test_a_ticket_that_was_just_taken_is_no_missing_one():
    missing = MissingTickets()
    assert [see(missing, waiting, tickets) for waiting, tickets in [(3, 2), (2, 2), (5, 4), (4, 4)]] == [0, 0, 0, 0]


def test_without_a_free_seat_no_ticket_is_sent():
    missing = MissingTickets()
    assert not any(see(missing, waiting=9, tickets=0, free_seats=0) for _ in range(5))


def test_a_round_sends_a_bounded_number():
    missing = MissingTickets()
    see(missing, waiting=10 * MOST_AT_ONCE, tickets=0)
    assert see(missing, waiting=10 * MOST_AT_ONCE, tickets=0) == MOST_AT_ONCE


@given(
    waiting=st.integers(0, 2000),
    tickets=st.integers(0, 50),
    lost=st.integers(0, 20),
    seats=st.integers(1, 64),
)
def test_in_the_end_there_are_as_many_tickets_as_messages_and_never_more(
    waiting: int, tickets: int, lost: int, seats: int
):
    missing = MissingTickets()
    for look in range(20):
        sent = missing.see({Q: QueueState(waiting=waiting, free_seats=seats, tickets=tickets)}).get(Q, 0)
        assert not sent or tickets + sent <= waiting
        tickets += sent
        if look < 3:
            tickets = max(0, tickets - lost)
    assert tickets >= waiting
