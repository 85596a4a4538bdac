"""`fimble index` builds, tells, finds and outlines; exit codes say whether there was anything."""

import json

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main


@pytest.fixture
def workspace(monkeypatch, tmp_path):
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    root = tmp_path / "shop"
    (root / "src").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "src" / "cart.py").write_text(
        'class Cart:\n    def total(self):\n        """Add up."""\n        return 1\n', "utf-8"
    )
    (root / "src" / "main.py").write_text("from cart import Cart\nprint(Cart().total())\n", "utf-8")
    (root / "src" / "blob.py").write_bytes(b"\0")
    monkeypatch.chdir(root)
    return root


def run(capsys, *arguments):
    code = main(["index", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_build_says_what_it_did_and_what_it_left_out(workspace, capsys):
    code, out, _ = run(capsys, "build")

    assert code == ExitCode.OK
    assert "2 files parsed (6 lines, 2 symbols)" in out
    assert "1 binary" in out


def test_a_build_as_json(workspace, capsys):
    code, out, err = run(capsys, "build", "--json")

    assert (code, err) == (ExitCode.OK, "")
    report = json.loads(out)
    assert (report["files"], report["symbols"], report["skipped"]["binary"]) == (2, 2, 1)


def test_a_fresh_build_parses_everything_again(workspace, capsys):
    run(capsys, "build")

    assert json.loads(run(capsys, "build", "--json")[1])["files"] == 0
    assert json.loads(run(capsys, "build", "--fresh", "--json")[1])["files"] == 2


def test_the_status_before_and_after(workspace, capsys):
    code, out, err = run(capsys, "status")
    assert (code, out) == (ExitCode.NOTHING_FOUND, "")
    assert "fimble index build" in err

    run(capsys, "build")
    code, out, _ = run(capsys, "status")
    assert code == ExitCode.OK
    assert "2, and 1 left out" in out
    assert json.loads(run(capsys, "status", "--json")[1])["symbols"] == 2


def test_a_search_needs_no_build_before_it(workspace, capsys):
    code, out, _ = run(capsys, "search", "total")

    assert code == ExitCode.OK
    assert out.startswith("method     Cart.total  def total(self)  src/cart.py:2-4")


def test_a_search_as_json_names_the_mention(workspace, capsys):
    found = json.loads(run(capsys, "search", "cart", "--json")[1])

    assert {"kind": "class", "name": "Cart", "mention": "@Cart", "first_line": 1} in [
        {key: row[key] for key in ("kind", "name", "mention", "first_line")} for row in found
    ]


def test_nothing_found_is_an_exit_code(workspace, capsys):
    assert run(capsys, "search", "zzzqqq")[0] == ExitCode.NOTHING_FOUND
    assert run(capsys, "callers", "zzzqqq")[0] == ExitCode.NOTHING_FOUND
    assert run(capsys, "map", "--tokens", "1")[0] == ExitCode.NOTHING_FOUND


def test_callers_are_shown_with_the_definition(workspace, capsys):
    code, out, _ = run(capsys, "callers", "Cart.total")

    assert code == ExitCode.OK
    assert out == ("src/cart.py:2-4: def total(self)\n  src/main.py:2: print(Cart().total())\n")


def test_the_map_is_the_outline(workspace, capsys):
    code, out, err = run(capsys, "map")

    assert code == ExitCode.OK
    assert out == "src/cart.py\n  class Cart\n    def total(self)\n"
    assert "1 of 1 files" in err


def test_clear_deletes_the_index(workspace, capsys):
    run(capsys, "build")
    assert json.loads(run(capsys, "clear", "--json")[1])["cleared"] is True

    assert run(capsys, "status")[0] == ExitCode.NOTHING_FOUND


def test_another_workspace_can_be_named(workspace, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    assert "2 files parsed" in run(capsys, "build", "--workspace", str(workspace))[1]
    assert run(capsys, "build", "--workspace", "nowhere")[0] == ExitCode.USAGE


def test_no_action_and_a_mistyped_one_are_usage(workspace, capsys):
    code, _, err = run(capsys)

    assert code == ExitCode.USAGE
    assert "build, status, search" in err
    assert run(capsys, "bild")[0] == ExitCode.USAGE
