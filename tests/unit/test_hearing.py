"""Since when writers could be heard: a policy that closes silent runs must not take its own deafness for theirs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runlore_server.stale_runs import Hearing

BEAT = 10.0
#: What may happen between two looks: seconds that pass here, and by how much the database's clock passes more.
LOOKS = st.lists(
    st.tuples(st.sampled_from([10.0, 11.0, 14.0, 16.0, 60.0]), st.sampled_from([0.0, 2.0, -2.0, 6.0, -3600.0, 3600.0]))
)


@given(LOOKS)
def test_a_pause_a_jump_and_a_loss_begin_anew(looks: list[tuple[float, float]]) -> None:
    hearing, here, clock = Hearing(BEAT), 1_000.0, 1.7e9
    assert hearing.look(clock, here) == 0
    unbroken = 0.0
    for passed, more in looks:
        here, clock = here + passed, clock + passed + more
        unbroken = unbroken + passed if passed <= 15 and abs(more) <= 5 else 0.0
        assert hearing.look(clock, here) == unbroken
    hearing.lost()
    assert hearing.look(clock + BEAT, here + BEAT) == 0
