"""What a push and a pull do, worked out from checksums alone: nothing is lost that somebody changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.cli.theme.plan import Plan, plan_pull, plan_push, settled

SUMS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"), max_size=6)


def pushed(here, there, base, *, force=False, delete=True):
    return plan_push(here, there, base, force=force, delete=delete)


def pulled(here, there, base, *, force=False, delete=True):
    return plan_pull(here, there, base, force=force, delete=delete)


def test_what_changed_here_goes_up_and_nothing_else():
    base = {"a": "1", "b": "1", "c": "1"}
    assert pushed({"a": "2", "b": "1", "n": "1"}, base, base) == Plan(put=("a", "n"), delete=("c",))
    assert pushed({"a": "2"}, base, base, delete=False) == Plan(put=("a",), kept=("b", "c"))
    assert pushed(base, base, base).is_empty


@pytest.mark.parametrize(
    ("here", "there"),
    [({"a": "2"}, {"a": "3"}), ({}, {"a": "3"}), ({"a": "2"}, {})],
    ids=["both changed it", "deleted here", "deleted there"],
)
def test_what_was_changed_on_both_sides_is_a_conflict(here, there):
    base = {"a": "1"}
    assert pushed(here, there, base).conflicts == pulled(here, there, base).conflicts == ("a",)
    assert pushed(here, there, base, force=True).conflicts == ()


def test_what_only_the_theme_changed_is_not_pushed_over():
    base = {"a": "1", "b": "1"}
    plan = pushed(base, {"a": "2", "new": "1"}, base)
    assert plan == Plan(kept=("a", "b", "new"))


def test_a_folder_that_never_met_the_theme_is_what_is_wanted_there_but_loses_nothing_here():
    here, there = {"a": "1", "mine": "1"}, {"a": "2", "theirs": "1"}
    assert pushed(here, there, None) == Plan(put=("a", "mine"), delete=("theirs",))
    assert pulled(here, there, None) == Plan(put=("theirs",), kept=("mine",), conflicts=("a",))


@given(SUMS, SUMS, st.none() | SUMS)
def test_the_two_sides_are_alike_after_a_forced_push_or_pull(here, there, base):
    plan = pushed(here, there, base, force=True)
    after = {k: v for k, v in there.items() if k not in plan.delete} | {k: here[k] for k in plan.put}
    assert after == here
    plan = pulled(here, there, base, force=True)
    after = {k: v for k, v in here.items() if k not in plan.delete} | {k: there[k] for k in plan.put}
    assert after == there


@given(SUMS, SUMS, SUMS)
def test_no_change_of_one_side_is_ever_lost_by_the_other(here, there, base):
    plan = pushed(here, there, base)
    for name in (*plan.put, *plan.delete):
        assert there.get(name) == base.get(name)
    plan = pulled(here, there, base)
    for name in (*plan.put, *plan.delete):
        assert here.get(name) == base.get(name)


@given(SUMS, SUMS, SUMS)
def test_after_a_push_and_a_pull_without_conflict_both_are_alike_and_nothing_is_left_to_do(here, there, base):
    push = pushed(here, there, base)
    if push.conflicts:
        return
    there = {k: v for k, v in there.items() if k not in push.delete} | {k: here[k] for k in push.put}
    base = settled(here, there, base, push)
    pull = pulled(here, there, base)
    assert not pull.conflicts
    here = {k: v for k, v in here.items() if k not in pull.delete} | {k: there[k] for k in pull.put}
    base = settled(here, there, base, pull)
    assert here == there == base
    assert pushed(here, there, base) == pulled(here, there, base) == Plan()
