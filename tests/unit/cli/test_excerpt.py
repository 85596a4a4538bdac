"""What a person at a terminal sees."""

from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from fimble_cli.excerpt import render_excerpt


def render(text: str, completion: str) -> str:
    """Render at "|"; text between two of them is replaced."""
    parts = text.split("|")
    before, replaced, after = parts if len(parts) == 3 else (parts[0], "", parts[1])
    lines = before.split("\n")
    start = Position(len(lines) - 1, len(lines[-1]))
    end = Position(start.line, start.character + len(replaced))
    snapshot = Snapshot.from_text(before + replaced + after)
    return render_excerpt(
        snapshot, completion, Range(start, end), ghost=lambda new: f"<{new}>" if new else ""
    )


def test_the_suggestion_stands_in_its_line():
    assert render("import math\n\n|\n", "print(math.pi)") == (
        "1 │ import math\n2 │\n3 │ <print(math.pi)>\n4 │\n"
    )


def test_what_is_replaced_is_gone_and_what_follows_stays():
    assert render("f(|)|  # end\n", "x)") == "1 │ f(<x)>  # end\n2 │\n"


def test_more_lines_have_no_number_and_the_rest_follows_the_last():
    assert render("if x:|  # rest", "\r\n\ty = 1\n\n    z") == (
        "1 │ if x:\n  │ <\ty = 1>\n  │\n  │ <    z>  # rest\n"
    )


def test_only_the_neighbourhood_is_shown():
    text = "".join(f"line {number}\n" for number in range(1, 21))
    shown = render(text.replace("line 10", "line 10|"), "!")

    assert [row.split(" │ ")[0].strip() for row in shown.splitlines()] == [
        str(number) for number in range(6, 13)
    ]


def test_f17_a_minified_line_is_clipped_around_the_suggestion():
    shown = render("a" * 100_000 + "|" + "b" * 100_000, "XYZ")

    assert "a<XYZ>b" in shown
    assert len(shown) < 600


def test_t10_document_text_is_printable():
    assert "\x1b" not in render("\x1b[2J|\n\x1b]0;x\x07\n", "x")
