"""How long the client goes on trying."""

from chats.text_client.patience import LONGEST_WAIT_S, Patience


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_waits_grow_up_to_a_limit_and_end():
    clock = Clock()
    patience = Patience(60.0, clock=clock)
    waits = []
    while (wait_s := patience.next_wait_s()) is not None:
        waits.append(wait_s)
        clock.now += wait_s
    assert waits[0] <= 0.25
    assert max(waits) <= LONGEST_WAIT_S * 1.25
    assert 50 < sum(waits) <= 60


def test_a_success_starts_it_afresh():
    clock = Clock()
    patience = Patience(10.0, clock=clock)
    patience.next_wait_s()
    clock.now += 9.9
    patience.succeeded()
    clock.now += 100
    assert patience.next_wait_s() is not None


def test_the_server_may_ask_for_a_longer_wait():
    assert Patience(10.0).next_wait_s(at_least_s=5.0) == 5.0
    assert Patience(10.0).next_wait_s(at_least_s=50.0) is None
