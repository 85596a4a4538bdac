"""Requests that lead to nothing make the next pause longer; what is right ends that."""

from __future__ import annotations

from fimble.completion.reception import Reception

A = "file:///w/a.py"
B = "file:///w/b.py"


def in_vain(requests: int, *, line: int = 7) -> Reception:
    reception = Reception()
    for _ in range(requests):
        reception.asked(A, line)
    return reception


def test_the_first_contradictions_cost_no_pause() -> None:
    assert [in_vain(count).patience for count in range(3)] == [1.0, 1.0, 1.0]


def test_patience_grows_with_each_request_in_vain_up_to_a_bound() -> None:
    grown = [in_vain(count).patience for count in range(2, 40)]

    assert grown == sorted(grown)
    assert grown[0] < grown[1] < grown[-1] == in_vain(1_000).patience <= 4.0


def test_what_is_typed_as_foreseen_ends_it_but_one_character_may_be_chance() -> None:
    reception = in_vain(6)
    before = reception.patience

    reception.agreed(-3)
    reception.agreed(1)
    assert reception.patience == before > 1.0

    reception.agreed(2)
    assert reception.patience == 1.0


def test_the_next_line_is_a_new_chance_and_another_place_a_new_beginning() -> None:
    same, following, elsewhere, other = (in_vain(8) for _ in range(4))
    same.asked(A, 7)
    following.asked(A, 8)
    elsewhere.asked(A, 40)
    other.asked(B, 8)

    assert same.patience > following.patience > elsewhere.patience == other.patience == 1.0
