"""`fimble context`: what a prompt would show of other files, and why."""

import json

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main


@pytest.fixture
def place(tmp_path, monkeypatch, configure):
    configure("")
    root = tmp_path / "work"
    (root / ".git").mkdir(parents=True)
    (root / "cart.py").write_text(
        "class Cart:\n    def total_in_cents(self) -> int:\n        ...\n"
    )
    (root / "view.py").write_text("from cart import Cart\n\n\ndef show(cart: Cart):\n    cart.\n")
    monkeypatch.chdir(root)
    return "view.py:5:10"


def test_an_untrusted_workspace_shows_nothing_and_says_what_to_do(place, capsys):
    assert main(["context", place]) == ExitCode.NOTHING_FOUND

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "`fimble trust` changes that" in captured.err


def test_each_piece_has_its_place_its_price_and_its_reason(place, capsys):
    assert main(["trust", "--yes"]) == ExitCode.OK
    capsys.readouterr()
    assert main(["context", place]) == ExitCode.OK

    out = capsys.readouterr().out
    assert "-- cart.py:2-3  " in out
    assert "tokens  member of `Cart`" in out
    assert "class Cart\n    def total_in_cents(self) -> int" in out


def test_json_has_all_of_it(place, capsys):
    main(["trust", "--yes"])
    capsys.readouterr()
    assert main(["context", place, "--json", "--tokens", "300"]) == ExitCode.OK

    found = json.loads(capsys.readouterr().out)
    member = next(it for it in found if it["text"].startswith("def total_in_cents"))
    assert (member["path"], member["kind"], member["first_line"]) == ("cart.py", "signature", 2)
    assert sum(it["tokens"] for it in found) <= 300


def test_the_prompt_that_is_shown_holds_what_is_listed(place, capsys):
    main(["trust", "--yes"])
    capsys.readouterr()
    main(["complete", place, "--show-prompt", "--engine", "ollama"])

    assert "def total_in_cents(self) -> int" in capsys.readouterr().out
