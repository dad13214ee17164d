"""The circuit: one caller finds out, the others are told."""

import time

from chats.circuit import Circuit

LONG_S, SHORT_S = 60.0, 0.02


def test_everybody_calls_while_calls_succeed():
    circuit = Circuit(LONG_S)
    assert all(circuit.closed() for _ in range(3))
    circuit.succeeded()
    assert circuit.closed()


def test_after_a_failure_nobody_calls():
    circuit = Circuit(LONG_S)
    circuit.failed()
    assert not any(circuit.closed() for _ in range(3))


def test_after_a_while_one_caller_may_try_and_the_others_wait_for_its_word():
    circuit = Circuit(SHORT_S)
    circuit.failed()
    deadline = time.monotonic() + 60
    while not circuit.closed():
        assert time.monotonic() < deadline
    assert not circuit.closed()
    circuit.succeeded()
    assert all(circuit.closed() for _ in range(3))


def test_a_caller_who_never_says_how_it_went_is_followed_by_another():
    circuit = Circuit(SHORT_S)
    circuit.failed()
    deadline = time.monotonic() + 60
    for _ in range(2):
        while not circuit.closed():
            assert time.monotonic() < deadline
