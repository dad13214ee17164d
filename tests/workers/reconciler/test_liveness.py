"""A session is dead when its counter stands still on the reconciler's own clock, and for no other reason."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from workers.reconciler.liveness import DEAD_AFTER_S, LONGEST_GAP_S, Liveness, Look

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
STEP_S = 0.5


def looks(liveness: Liveness, beats: list[dict[UUID, int]], *, start: float = 100.0, run_id: str = "r"):
    """Each look's verdict, STEP_S apart."""
    return [liveness.see(Look(start + STEP_S * at, run_id, each)) for at, each in enumerate(beats)]


def test_a_session_that_beats_is_never_dead():
    assert not any(looks(Liveness(), [{A: beat} for beat in range(100)]))


def test_a_session_whose_counter_stands_still_is_dead_after_three_seconds():
    verdicts = looks(Liveness(), [{A: 7, B: beat} for beat in range(10)])
    assert verdicts == [set()] * 6 + [{A}] * 4


def test_a_session_that_is_not_in_the_registry_but_holds_messages_is_dead_after_three_seconds():
    liveness = Liveness()
    verdicts = [liveness.see(Look(at * STEP_S, "r", {B: at}), also={A}) for at in range(8)]
    assert verdicts == [set()] * 6 + [{A}] * 2


def test_leaving_the_registry_does_not_count_as_moving():
    liveness = Liveness()
    seen = [liveness.see(Look(at * STEP_S, "r", {A: 5, B: at} if at < 3 else {B: at}), also={A}) for at in range(7)]
    assert seen[6] == {A}


def test_a_zombie_that_beats_again_is_alive_again():
    liveness = Liveness()
    assert looks(liveness, [{A: 1}] * 8)[-1] == {A}
    assert liveness.see(Look(104.0, "r", {A: 2})) == set()


def test_a_counter_that_begins_anew_counts_as_moving():
    assert not any(looks(Liveness(), [{A: 900}] * 5 + [{A: 1}] + [{A: 1}] * 5))


def test_an_outage_starts_every_clock_again():
    liveness = Liveness()
    looks(liveness, [{A: 1}] * 6)
    liveness.missed()
    assert not any(looks(liveness, [{A: 1}] * 6, start=103.0))
    assert liveness.see(Look(106.0, "r", {A: 1})) == {A}


def test_another_run_of_the_server_starts_every_clock_again():
    liveness = Liveness()
    looks(liveness, [{A: 1, B: 1}] * 6)
    assert not any(looks(liveness, [{A: 1, B: 1}] * 6, start=103.0, run_id="another"))


def test_losing_all_sessions_at_once_starts_every_clock_again():
    liveness = Liveness()
    looks(liveness, [{A: 1, B: 1}] * 6)
    flushed = [liveness.see(Look(103.0 + STEP_S * at, "r", {}), also={A, B}) for at in range(6)]
    assert not any(flushed)
    assert liveness.see(Look(106.0, "r", {}), also={A, B}) == {A, B}


def test_a_flush_after_which_others_are_back_at_once_starts_every_clock_again():
    liveness = Liveness()
    looks(liveness, [{A: 1, B: 1}] * 6)
    assert liveness.see(Look(103.0, "r", {C: 1}), also={A}) == set()


def test_a_reconciler_that_did_not_look_for_a_while_knows_nothing():
    liveness = Liveness()
    looks(liveness, [{A: 1}] * 3)
    assert liveness.see(Look(101.0 + LONGEST_GAP_S + 0.1, "r", {A: 1})) == set()


EVENT = st.sampled_from(["look", "look", "look", "look", "outage", "restart", "flush", "stall"])


@given(
    st.lists(EVENT, max_size=60),
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.floats(min_value=0.3, max_value=1.0),
)
@settings(max_examples=300)
def test_only_silence_over_unbroken_looks_kills(events: list[str], beats: list[bool], step: float):
    """Against a slow model: dead means no movement within any break-free stretch of at least DEAD_AFTER_S."""
    liveness = Liveness()
    at, run, counter = 0.0, 0, 0
    unmoved_since: float | None = None
    present = True
    for event, moved in zip(events, beats, strict=False):
        at += step
        if event == "outage":
            liveness.missed()
            unmoved_since = None
            continue
        if event == "restart":
            run += 1
            unmoved_since = None
        if event == "stall":
            at += LONGEST_GAP_S
            unmoved_since = None
        if event == "flush":
            if present:
                unmoved_since = None
            present = False
        else:
            if not present:
                moved = True  # it registers again
            present = True
            if moved:
                counter += 1
                unmoved_since = None
        if unmoved_since is None:
            unmoved_since = at
        dead = liveness.see(Look(at, str(run), {A: counter} if present else {}), also={A})
        assert (A in dead) == (at - unmoved_since >= DEAD_AFTER_S)
