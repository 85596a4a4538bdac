"""Raw model output becomes the right item: golden cases of many languages, kept as data."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from fimble.completion.draft import Dropped
from fimble.completion.postprocess import RULES
from fimble.completion.stopping import BLOCK_RULES, LINE_RULES
from support.golden import GoldenCase, load_cases, process

CASES = list(load_cases(Path(__file__).parent / "golden"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_golden_case_becomes_what_it_must(case: GoldenCase):
    done = process(case)
    trail = (done.extent, done.cut, done.effects)

    if case.dropped is not None:
        assert isinstance(done.outcome, Dropped), trail
        assert case.dropped in done.outcome.reason, trail
        return
    assert not isinstance(done.outcome, Dropped), trail
    if case.inserted is not None:
        assert done.outcome.text == case.inserted, trail
    if case.expected is not None:
        assert done.document() == case.expected, trail


def test_every_case_says_what_is_expected_and_has_a_name_of_its_own():
    for case in CASES:
        said = (case.expected, case.inserted, case.dropped)
        assert any(each is not None for each in said), str(case)

    assert len({str(case) for case in CASES}) == len(CASES)


def test_there_are_cases_enough_in_languages_enough():
    by_language = defaultdict(int)
    for case in CASES:
        by_language[case.language] += 1

    assert len(CASES) >= 150
    assert len([language for language, count in by_language.items() if count >= 5]) >= 8


@pytest.fixture(scope="module")
def at_work() -> Counter[str]:
    """In how many cases each rule changes or drops the text, and each stop rule cuts it."""
    found: Counter[str] = Counter()
    for case in CASES:
        done = process(case)
        found.update({effect.rule for effect in done.effects})
        if done.cut is not None:
            found[done.cut.rule] += 1
    return found


@pytest.mark.parametrize("rule", [*RULES, *LINE_RULES, *BLOCK_RULES], ids=lambda r: r.__name__)
def test_every_rule_is_seen_at_work_and_seen_to_keep_still(rule, at_work):
    """A case that the rule changes, cuts or drops, and one that it passes through as it is."""
    assert 0 < at_work[rule.__name__] < len(CASES)
