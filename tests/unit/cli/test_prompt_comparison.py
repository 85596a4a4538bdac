"""A comparison as a comment on a pull request: nothing in it is read as Markdown, and it fits."""

from fimble_cli.prompts.comparison import MAX_COMMENT_CHARACTERS, Change, Comparison, Side


def change(prompt="chat/a", case="one", before="x\n", after="y\n", error="") -> Change:
    return Change(
        prompt=prompt,
        case=case,
        before=Side(prompt=before, tokens=len(before)),
        after=Side(prompt="" if error else after, tokens=len(after), error=error),
    )


def comparison(*changes: Change, untested: tuple[str, ...] = ()) -> Comparison:
    return Comparison(base="main", cases=9, changes=changes, untested=untested)


def test_the_total_counts_what_has_a_prompt_on_both_sides():
    new = Change(prompt="chat/n", case="new", before=Side(), after=Side(prompt="n", tokens=50))
    found = comparison(change(after="yyyy\n"), change(after="\n"), new)

    shown = found.markdown()
    assert (found.tokens_before, found.tokens_after) == (4, 6)
    assert shown.startswith("**3 of 9 tested prompts changed against `main`, +2 tokens**\n")
    assert "\n| **total** | | 4 | 6 | +2 |\n" in shown
    assert "\n| `chat/n` | `new` | - | 50 | - |\n" in shown


def test_names_out_of_a_repository_are_no_markdown_and_no_html():
    shown = comparison(change(case="a|b `c` <img src=x> @team [x](y)")).markdown()

    assert "| ``a\\|b `c` <img src=x> @team [x](y)`` |" in shown
    assert "<summary>chat/a: a|b `c` &lt;img src=x&gt; @team [x](y)</summary>" in shown


def test_a_fence_outgrows_the_prompt():
    shown = comparison(change(after="````\n</details>\n````\n")).markdown()

    assert "\n`````diff\n" in shown
    assert "\n+</details>\n" in shown


def test_what_cannot_be_rendered_is_open_and_first_said():
    found = comparison(change(error="Line 7: There is no variable `${x}`."))

    assert found.broken == found.changes
    assert "<details open>" in found.markdown()
    assert "It cannot be rendered any more:\n\n```text\nLine 7: " in found.markdown()


def test_a_comment_is_never_longer_than_github_takes():
    many = [change(case=str(at), after="long line\n" * 1_000) for at in range(20)]

    shown = comparison(*many).markdown()

    assert len(shown) < MAX_COMMENT_CHARACTERS + 200
    assert shown.endswith("more texts do not fit here; `fimble prompts diff` shows all.\n")


def test_templates_that_no_test_shows_are_named_and_nothing_is_said_of_none():
    assert "`chat/b` changes, and no test shows how." in comparison(untested=("chat/b",)).markdown()
    assert comparison().markdown() == "No prompt changes.\n"
