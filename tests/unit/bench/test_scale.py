"""docs/scale.md says what bench/scale.py computes of bench/RESULTS.md."""

import pytest
from bench import scale
from bench.results import RESULTS

TEXT = RESULTS.read_text(encoding="utf-8")
CARD = scale.Gpu(name="card", read_per_s=1000, written_per_s=10, source="")
TYPING = scale.Typing(system="it", requests=0.1, evaluated=20, generated=0.3, prompt=500)


def test_the_page_shows_what_the_script_makes():
    """Run `python -m bench.scale --write` when this fails."""
    page = scale.PAGE.read_text(encoding="utf-8")

    assert scale.page_with(page, scale.tables(TEXT)) == page
    assert scale.tables(TEXT) in page


def test_the_page_names_every_assumption_with_its_value():
    page = scale.PAGE.read_text(encoding="utf-8")

    for value in (
        f"{scale.CHARACTERS_PER_HOUR:,} characters",
        f"{scale.PEAK_FACTOR:g} times",
        f"| {scale.CHARACTERS_PER_TOKEN:g} |",
        f"{scale.QUESTIONS_PER_HOUR} questions",
        f"{scale.QUESTION_TOKENS} new prompt tokens",
        f"{scale.ANSWER_TOKENS} of an answer",
    ):
        assert value in page
    assert scale.BUSY_AT_MOST == 0.5


def test_the_figures_are_those_of_the_measurement():
    typing = scale.measured(TEXT, "hybrid")["llama.vim"]
    (row,) = [
        line
        for line in TEXT.partition("hybrid prompt cache")[2]
        .partition("### Trace: mixed")[2]
        .partition("### ")[0]
        .splitlines()
        if line.startswith("| llama.vim ")
    ]
    cells = [cell.strip() for cell in row.strip("|").split("|")]

    assert [typing.requests, typing.evaluated] == [float(cells[3]), float(cells[4])]
    # Of what was typed so much had been foreseen, and that was generated, and so was the waste.
    assert typing.generated > float(cells[7])


def test_the_arithmetic_by_hand():
    # 20 tokens read at 1,000 a second and 0.3 written at 10: 0.02 + 0.03 s.
    assert scale.seconds_per_character(TYPING, CARD) == pytest.approx(0.05)
    # Lost: 0.1 requests of 500 tokens are 50.
    assert scale.seconds_per_character(TYPING, CARD, cached=False) == pytest.approx(0.08)
    # 100 developers of 3,120 characters an hour, three times that at the peak: 260 a second.
    assert scale.busy(100, TYPING, CARD) == pytest.approx(260 * 0.05)
    assert scale.busy(1, TYPING, CARD) == pytest.approx(3120 / 3600 * 0.05)
    assert scale.cards(13.0) == 26
    assert scale.cards(0.01) == 1
    # Half a card for 0.13 of work each.
    assert scale.carried(TYPING, CARD) == 3


def test_a_row_that_is_missing_is_an_error():
    with pytest.raises(LookupError):
        scale.measured(TEXT.replace("| llama.vim ", "| another "), "hybrid")
    with pytest.raises(LookupError):
        scale.measured("# Results\n", "hybrid")
