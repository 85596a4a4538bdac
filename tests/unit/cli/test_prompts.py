"""`fimble prompts`: what each subcommand prints and which code it ends with."""

import io
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from fimble.prompt_files.layers import user_folder
from fimble.prompting.cases.json_schema import case_file_schema
from fimble.prompting.json_schema import front_matter_schema
from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.git_repository import GitRepository
from support.prompting import write

CASES = """\
prompt: chat/ours
cases:
  - name: one
    files: {a.py: "x = <|cursor|>1\\n"}
    assert:
      - ASSERTION
"""


@pytest.fixture(autouse=True)
def _no_model_server(tmp_path_factory, monkeypatch):
    """Whatever model server this machine has is not asked how it counts."""
    config = tmp_path_factory.mktemp("config")
    (config / "fimble").mkdir()
    (config / "fimble" / "config.toml").write_text('[engine]\nkind = "embedded"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def put(workspace):
    """Write a template to the workspace."""

    def put_file(name="ours", body="See ${selection}.\n", kind="chat", front="") -> Path:
        path = workspace / ".fimble" / "prompts" / kind / f"{name}.prompt.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            write(body, kind=kind, front=front).replace("name: example", f"name: {name}")
        )
        return path

    return put_file


def run(*arguments: str) -> ExitCode:
    return main(["prompts", *arguments])


def as_json(capsys, *arguments: str):
    code = run(*arguments, "--json")
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("workspace")
def test_without_an_action_it_names_them(capsys):
    assert run() == ExitCode.USAGE
    assert (
        "One of: list, show, why, check, render, test, diff, new, import" in capsys.readouterr().err
    )


def test_t14_an_untrusted_workspace_is_not_listed_and_one_line_says_so(capsys, put):
    put()

    assert run("list", "--kind", "chat") == ExitCode.OK

    shown = capsys.readouterr()
    assert "chat/ours" not in shown.out
    assert "chat/changelog " in shown.out
    assert shown.err == (
        "fimble: 1 prompt file or setting of this workspace waits for your review: "
        "run `fimble trust`.\n"
    )


def test_a_trusted_workspace_shadows_what_is_bundled_and_says_whom(capsys, put):
    put("review")

    assert run("list", "--trust-workspace") == ExitCode.OK
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "chat/review" in each]
    assert "[repository: .fimble/prompts/chat/review.prompt.md, shadows bundled]" in line
    assert run("why", "review", "--trust-workspace") == ExitCode.OK
    assert capsys.readouterr().out == (
        "counts  repository  .fimble/prompts/chat/review.prompt.md\n"
        "hidden  bundled     bundled:chat/review\n"
    )


def test_the_chain_is_data_too(capsys, put):
    path = put("review", front="owner: tools team\n")

    code, shown = as_json(capsys, "why", "review", "--trust-workspace")

    assert code == ExitCode.OK
    assert (shown["layer"], shown["origin"], shown["owner"]) == (
        "repository",
        str(path),
        "tools team",
    )
    assert shown["shadows"] == [{"layer": "bundled", "origin": "bundled:chat/review"}]


def test_a_file_on_the_command_line_wins(capsys, workspace):
    (workspace / "mine.prompt.md").write_text(write("Mine.").replace("example", "mine"))

    assert run("show", "mine", "--prompt", "mine.prompt.md") == ExitCode.OK

    shown = capsys.readouterr()
    assert shown.out.endswith("Mine.")
    assert shown.err == "fimble: chat/mine from file: mine.prompt.md.\n"


def test_check_names_every_problem_with_its_place(capsys, put, workspace):
    put(body="${selection} ${selectoin}\n")
    put("good")
    (workspace / ".fimble" / "prompts" / "tests").mkdir()
    (workspace / ".fimble" / "prompts" / "tests" / "t.test.yaml").write_text(
        CASES.replace("chat/ours", "chat/none").replace("ASSERTION", "contains: x")
    )

    assert run("check") == ExitCode.PROBLEMS

    shown = capsys.readouterr()
    first, second = shown.out.splitlines()
    assert first == (
        ".fimble/prompts/chat/ours.prompt.md:7:14: There is no variable `${selectoin}`. "
        "Did you mean `selection`?"
    )
    assert second.startswith(".fimble/prompts/tests/t.test.yaml:1:1: There is no template `chat/n")
    assert shown.err == "fimble: 3 files checked, 2 problems.\n"


def test_check_takes_files_folders_and_workspaces(capsys, put, workspace):
    path = put()

    for given in (path, workspace, workspace / ".fimble" / "prompts"):
        code, shown = as_json(capsys, "check", str(given))
        assert (code, shown) == (ExitCode.OK, {"checked": 1, "problems": [], "warnings": []})
    assert run("check", "nowhere") == ExitCode.USAGE
    (workspace / "empty").mkdir()
    assert run("check", "empty") == ExitCode.USAGE


def test_problems_as_data_have_file_line_and_column(capsys, put):
    put(body="$x ${selection}\n")

    code, shown = as_json(capsys, "check")

    assert code == ExitCode.PROBLEMS
    assert shown["problems"] == [
        {
            "file": ".fimble/prompts/chat/ours.prompt.md",
            "line": 7,
            "column": 1,
            "message": "This `$` stands for nothing.",
            "hint": "Write `$$` for a dollar, `${x}` for a variable.",
        }
    ]


def test_check_prints_the_schema(capsys):
    assert run("check", "--schema") == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == front_matter_schema()
    assert run("check", "--schema", "tests") == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == case_file_schema()


def test_render_prints_the_exact_prompt_and_what_its_parts_cost(capsys, workspace):
    (workspace / "a.py").write_text("import os\n\n\ndef f():\n    return os.name\n")

    assert run("render", "explain", "--at", "a.py:5:5", "--input", "input=Why os?") == ExitCode.OK

    shown = capsys.readouterr()
    assert shown.out.startswith("[[system]]\nYou explain code")
    assert "The file is `a.py`." in shown.out
    assert "````python\ndef f():\n    return os.name\n````" in shown.out
    assert shown.out.endswith("Asked about it in particular:\nWhy os?\n")
    assert shown.err.startswith("fimble: chat/explain: ")
    assert "counted by an estimate from above" in shown.err


def test_render_takes_a_selection_and_what_is_piped_in(capsys, monkeypatch, workspace):
    (workspace / "a.py").write_text("a = 1\nb = 2\nc = 3\n")

    class Piped(io.StringIO):
        buffer = io.BytesIO("+ é".encode())

    monkeypatch.setattr(sys, "stdin", Piped())
    given = ("--at", "a.py:1:1", "--to", "2:6", "--value", "diff=-")
    code, shown = as_json(capsys, "render", "review", *given)

    assert code == ExitCode.OK
    user = shown["messages"][1]
    assert "````python\na = 1\nb = 2\n````" in user["content"]
    assert "````diff\n+ é\n````" in user["content"]
    variables = [each["variable"] for each in user["segments"] if each["variable"]]
    assert variables == ["path", "language", "selection", "diff"]
    assert sum(len(each["content"]) for each in shown["messages"]) == sum(
        part["characters"] for each in shown["messages"] for part in each["segments"]
    )


def test_rules_of_the_workspace_are_used_only_when_it_is_trusted(capsys, workspace):
    (workspace / "src").mkdir()
    (workspace / "src" / "a.py").write_text("x = 1\n")
    (workspace / "AGENTS.md").write_text("Root rule.\n")
    (workspace / "src" / "AGENTS.md").write_text("Near rule.\n")

    run("render", "explain", "--at", "src/a.py:1:1")
    assert "rule." not in capsys.readouterr().out
    run("render", "explain", "--at", "src/a.py:1:1", "--trust-workspace")
    assert "Rules of this project:\nRoot rule.\n\nNear rule.\n" in capsys.readouterr().out


def test_t13_rules_with_hidden_characters_are_refused_with_their_place(capsys, workspace):
    (workspace / "a.py").write_text("x = 1\n")
    (workspace / "AGENTS.md").write_text("Fine.\nNot \u202efine.\n")

    code = run("render", "explain", "--at", "a.py:1:1", "--trust-workspace")

    assert code == ExitCode.USAGE
    assert "AGENTS.md:2:5: A hidden character stands here: U+202E" in capsys.readouterr().err


def test_t15_a_file_of_secrets_is_not_rendered(capsys, workspace):
    (workspace / ".env").write_text("KEY=hunter2\n")

    assert run("render", "explain", "--at", ".env:1:1") == ExitCode.USAGE
    assert run("render", "review", "--value", "diff=.env") == ExitCode.USAGE
    assert "hunter2" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("reveiw",), "There is no template `reveiw`. Did you mean `review`?"),
        (("sql",), "What the user typed with the command. Add --input input=TEXT."),
        (("explain",), "It is needed: The selected text. Name a place: --at FILE:LINE:COLUMN."),
        (("sql", "--input", "dilect=x"), "the template has no input `dilect`. Did you mean `dial"),
        (("sql", "--input", "x"), '"x" is no NAME=VALUE.'),
        (("sql", "--value", "slection=x"), "there is no variable `slection`. Did you mean `sel"),
        (("sql", "--input", "dialect=x", "--input", "input=y"), "is not a value of the input"),
        (("review", "--at", "none.py:1:1"), "none.py."),
        (("psm",), "completion layouts need a model's own control strings."),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_what_cannot_be_rendered_says_why(capsys, arguments, message):
    assert run("render", *arguments) == ExitCode.USAGE
    assert message in capsys.readouterr().err


def put_cases(workspace: Path, assertion: str) -> Path:
    path = workspace / ".fimble" / "prompts" / "tests" / "ours.test.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CASES.replace("ASSERTION", assertion))
    return path


def test_tests_pass_and_fail_with_file_and_line(capsys, put, workspace):
    put()
    put_cases(workspace, "contains: x = 1")
    assert run("test") == ExitCode.OK
    assert capsys.readouterr().out.startswith("ok    chat/ours: one (")

    put_cases(workspace, "contains: y = 1")
    assert run("test") == ExitCode.PROBLEMS
    shown = capsys.readouterr()
    assert (
        "      .fimble/prompts/tests/ours.test.yaml:6: The prompt does not contain `y = 1`.\n"
        in shown.out
    )
    assert shown.err == "fimble: 1 case in 1 file, 1 failed.\n"


def test_a_broken_template_fails_its_tests_with_its_own_place(capsys, put, workspace):
    put(body="${selectoin}\n")
    put_cases(workspace, "contains: x = 1")

    code, (found,) = as_json(capsys, "test")

    assert code == ExitCode.PROBLEMS
    assert "ours.prompt.md:7:1: There is no variable" in found["error"]


def test_update_writes_what_equals_compares_with(capsys, put, workspace):
    put()
    path = put_cases(workspace, "equals: {file: expected/ours.txt}")

    assert run("test") == ExitCode.PROBLEMS
    assert "`fimble prompts test --update` writes it." in capsys.readouterr().out
    assert run("test", "--update") == ExitCode.OK
    assert (path.parent / "expected" / "ours.txt").read_text() == "[[user]]\nSee x = 1.\n"
    assert run("test") == ExitCode.OK


def test_t02_update_writes_nowhere_else(put, workspace):
    put()
    put_cases(workspace, "equals: {file: ../../../evil.txt}")

    assert run("test", "--update") == ExitCode.PROBLEMS
    assert not (workspace / "evil.txt").exists()


@pytest.mark.usefixtures("workspace")
def test_the_bundled_tests_pass_and_can_be_chosen_by_name(capsys):
    code, found = as_json(capsys, "test", "--bundled", "sql", "chat/name")

    assert code == ExitCode.OK
    assert [each["prompt"] for each in found] == ["chat/name", "chat/sql"]
    assert run("test", "--bundled", "--update") == ExitCode.USAGE


@pytest.mark.usefixtures("workspace")
def test_no_tests_is_said_and_is_not_success(capsys):
    assert run("test") == ExitCode.NOTHING_FOUND
    assert "there are no such tests in .fimble/prompts/tests." in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["chat", "edit", "commit"])
def test_a_new_template_is_good_and_its_test_passes(capsys, kind, workspace):
    assert run("new", "house-style", "--kind", kind) == ExitCode.OK

    assert capsys.readouterr().out.splitlines() == [
        f".fimble/prompts/{kind}/house-style.prompt.md",
        f".fimble/prompts/tests/{kind}-house-style.test.yaml",
    ]
    assert run("check") == ExitCode.OK
    assert run("test") == ExitCode.OK
    assert run("new", "house-style", "--kind", kind) == ExitCode.USAGE
    assert "is there already" in capsys.readouterr().err
    assert (workspace / ".fimble").is_dir()


@pytest.mark.usefixtures("workspace")
def test_a_copy_of_a_bundled_template_takes_its_place_for_the_user(capsys):
    assert run("new", "review", "--like", "review", "--user") == ExitCode.OK
    assert (user_folder().path / "chat" / "review.prompt.md").is_file()
    capsys.readouterr()

    assert run("why", "review") == ExitCode.OK
    assert capsys.readouterr().out.startswith("counts  user ")


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("kind", "like"),
    [
        ("chat", "review"),
        ("chat", "translate"),
        ("chat", "changelog"),
        ("chat", "regex"),
        ("edit", "fix"),
        ("edit", "edit-by-instruction"),
        ("commit", "commit-message"),
    ],
)
def test_a_copy_under_another_name_is_good_and_its_test_passes(capsys, kind, like):
    assert run("new", "other", "--like", like, "--kind", kind, "--json") == ExitCode.OK

    assert json.loads(capsys.readouterr().out)["written"] == [
        f".fimble/prompts/{kind}/other.prompt.md",
        f".fimble/prompts/tests/{kind}-other.test.yaml",
    ]
    assert run("check") == ExitCode.OK
    assert run("test") == ExitCode.OK


@pytest.mark.usefixtures("workspace")
def test_a_layout_begins_as_a_copy_of_the_one_that_it_replaces(capsys):
    assert run("new", "psm", "--kind", "complete") == ExitCode.USAGE
    assert "--like psm" in capsys.readouterr().err
    assert run("new", "ours", "--kind", "complete", "--like", "psm") == ExitCode.USAGE
    assert run("new", "psm", "--kind", "complete", "--like", "psm") == ExitCode.OK
    assert run("check") == ExitCode.OK


@pytest.mark.usefixtures("workspace")
def test_a_copy_keeps_its_kind(capsys):
    assert run("new", "other", "--like", "commit-message") == ExitCode.USAGE
    assert "Add --kind commit." in capsys.readouterr().err


@pytest.mark.usefixtures("workspace")
def test_a_missing_input_is_named_with_the_option_that_gives_it(capsys):
    Path("a.py").write_text("x = 1\n", encoding="utf-8")

    assert run("render", "translate", "--at", "a.py:1:1") == ExitCode.USAGE
    assert "Add --input target=TEXT." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../evil", "Evil", "a b", "", "con/x"])
def test_t02_a_new_template_s_name_is_no_path(name, workspace):
    assert run("new", name) == ExitCode.USAGE
    assert not (workspace / ".fimble").exists()


@pytest.fixture
def base(workspace, tmp_path_factory, put):
    """Return another checkout whose template and test the workspace has too."""
    other = tmp_path_factory.mktemp("base")
    put()
    put_cases(workspace, "contains: x = 1")
    shutil.copytree(workspace / ".fimble", other / ".fimble")
    return other


def test_diff_shows_the_text_and_the_tokens_that_change(capsys, base, put):
    put(body="Look hard at this:\n${selection}\n")

    assert run("diff", str(base)) == ExitCode.OK

    shown = capsys.readouterr()
    head, _, table, _, row, *_ = shown.out.splitlines()
    assert re.fullmatch(r"\*\*1 of 1 tested prompt changed against `.*`, \+\d+ tokens\*\*", head)
    assert table == "| prompt | case | tokens before | after | change |"
    assert re.fullmatch(r"\| `chat/ours` \| `one` \| \d+ \| \d+ \| \+\d+ \|", row)
    assert "-See x = 1.\n+Look hard at this:\n+x = 1\n" in shown.out
    assert shown.err.startswith("fimble: 1 of 1 case changed; tokens are estimated from above")


def test_diff_of_nothing_says_so(capsys, base):
    assert run("diff", str(base)) == ExitCode.OK
    assert capsys.readouterr().out == "No prompt changes.\n"


def test_diff_names_what_breaks_what_is_new_and_what_no_test_shows(capsys, base, put, workspace):
    put(body="${selectoin}\n")
    put("untested")
    code, broken = as_json(capsys, "diff", str(base))
    assert code == ExitCode.PROBLEMS
    put()
    _, new = as_json(capsys, "diff", str(workspace / ".git"))

    assert broken["untested"] == ["chat/untested"]
    assert "There is no variable `${selectoin}`." in broken["changes"][0]["error"]
    assert [(each["tokens_before"], each["error"]) for each in new["changes"]] == [(0, None)]


def test_import_writes_a_template_and_says_what_is_lost(capsys, workspace):
    (workspace / "plan.prompt.md").write_text("---\nmodel: x\n---\nPlan ${selection}.\n")

    assert run("import", "plan.prompt.md") == ExitCode.OK

    shown = capsys.readouterr()
    assert shown.out == ".fimble/prompts/chat/plan.prompt.md\n"
    assert shown.err == "fimble: plan.prompt.md: The key `model` was left out.\n"
    assert run("check") == ExitCode.OK
    assert run("import", "plan.prompt.md") == ExitCode.USAGE
    assert "is there already" in capsys.readouterr().err


def test_import_can_print_and_says_what_is_still_to_be_put_right(capsys, workspace):
    (workspace / "plan.prompt.md").write_text("${selection} in ${file}\n")

    assert run("import", "--print", "plan.prompt.md") == ExitCode.PROBLEMS

    shown = capsys.readouterr()
    assert shown.out.startswith("---\nschema: 1\nname: plan\n")
    assert "still to be put right, chat/plan.prompt.md:9:17: `${path}`" in shown.err
    assert not (workspace / ".fimble").exists()


def test_import_does_not_guess(capsys, workspace):
    (workspace / "notes.md").write_text("x\n")

    assert run("import", "notes.md") == ExitCode.USAGE
    assert "Say --form with one of github" in capsys.readouterr().err
    code, (shown,) = as_json(capsys, "import", "--form", "fabric", "notes.md")
    assert (code, shown["problems"]) == (ExitCode.OK, [])


@pytest.fixture
def put_partial(workspace):
    """Write a partial to the workspace."""

    def put_file(name: str, text: str) -> Path:
        path = workspace / ".fimble" / "prompts" / "_partials" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put_file


def test_partials_are_listed_and_told_of_by_who_includes_them(capsys, put, put_partial):
    put_partial("style", "Be short.\n")
    put(body="[[include style]]\nSee ${selection}.\n")

    assert run("list", "--trust-workspace") == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    (line,) = [each for each in lines if each.startswith("_partials/style ")]
    assert line.endswith("Included by chat/ours. [repository: .fimble/prompts/_partials/style.md]")
    assert run("why", "ours", "--trust-workspace") == ExitCode.OK
    assert capsys.readouterr().out == (
        "counts  repository  .fimble/prompts/chat/ours.prompt.md\n"
        "with    repository  .fimble/prompts/_partials/style.md\n"
    )
    assert run("why", "_partials/style", "--trust-workspace") == ExitCode.OK
    assert capsys.readouterr().out == "partial repository  .fimble/prompts/_partials/style.md\n"
    assert run("why", "_partials/stile", "--trust-workspace") == ExitCode.USAGE
    assert "There is no partial `_partials/stile`." in capsys.readouterr().err


def test_partials_are_data_too(capsys, put, put_partial):
    path = put_partial("style", "Be short.\n")
    put(body="[[include style]]\n")

    _, chains = as_json(capsys, "list", "--trust-workspace")
    (partial,) = [
        each for each in chains if each["kind"] == "partial" and each["layer"] == "repository"
    ]
    (ours,) = [each for each in chains if each["name"] == "ours"]

    assert (partial["name"], partial["layer"], partial["problems"]) == ("style", "repository", [])
    assert ours["partials"] == [partial["origin"]] == [str(path)]
    digest = ours["digest"]
    put_partial("style", "Be long.\n")
    _, chains = as_json(capsys, "list", "--trust-workspace")
    assert [each["digest"] for each in chains if each["name"] == "ours"] != [digest]


def test_t14_an_untrusted_workspace_s_partials_are_not_there(capsys, put_partial):
    put_partial("style", "Be short.\n")

    assert run("list") == ExitCode.OK
    assert "_partials/style" not in capsys.readouterr().out


def test_check_looks_at_partials_in_their_own_files(capsys, put, put_partial):
    put_partial("style", "Be\nshort\u200b.\n")
    put(body="a\n[[include style]]\n")

    assert run("check") == ExitCode.PROBLEMS

    including, own = capsys.readouterr().out.splitlines()
    assert including.startswith(
        ".fimble/prompts/chat/ours.prompt.md:8:1: The partial `style` is broken: "
    )
    assert own.startswith(
        ".fimble/prompts/_partials/style.md:2:6: A hidden character stands here: U+200B"
    )


def test_a_partial_that_nobody_includes_is_a_warning(capsys, put, put_partial):
    path = put_partial("style", "Be short.\n")
    put()

    assert run("check") == ExitCode.OK
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "fimble: warning: .fimble/prompts/_partials/style.md:1:1: No template includes the partial "
        "`style`. Write `[[include style]]` where it belongs, or delete it.\n"
        "fimble: 2 files checked, no problem.\n"
    )
    code, data = as_json(capsys, "check")
    assert (code, [each["file"] for each in data["warnings"]]) == (
        ExitCode.OK,
        [".fimble/prompts/_partials/style.md"],
    )
    assert run("check", str(path)) == ExitCode.OK
    assert capsys.readouterr().err == "fimble: 1 file checked, no problem.\n"


def test_a_file_that_is_named_takes_the_partials_beside_it(capsys, put, put_partial):
    put_partial("style", "Be short.\n")
    path = put(body="[[include style]]\nSee ${selection}.\n")

    assert run("check", str(path)) == ExitCode.OK
    capsys.readouterr()
    assert run("render", "ours", "--prompt", str(path), "--value", f"selection={path}") == 0
    assert "[[user]]\nBe short.\nSee " in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own on Windows")
def test_t14_a_partial_that_is_a_link_is_refused(capsys, put, put_partial, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "x.md"
    outside.write_text("secret\n")
    put_partial("good", "x\n").with_name("link.md").symlink_to(outside)
    put(body="[[include good]]\n[[include link]]\n")

    assert run("check") == ExitCode.PROBLEMS
    shown = capsys.readouterr()
    assert "symbolic link" in shown.out
    assert "secret" not in shown.out + shown.err


def test_tests_see_the_partials_of_the_workspace(capsys, put, put_partial, workspace):
    put_partial("style", "Be short.\n")
    put(body="[[include style]]\nSee ${selection}.\n")
    put_cases(workspace, "contains: Be short.")

    assert run("test") == ExitCode.OK
    assert capsys.readouterr().err == "fimble: 1 case in 1 file, none failed.\n"


@pytest.fixture
def repository(workspace, put):
    """Make the workspace a git repository whose main has a template and its test."""
    (workspace / ".git").rmdir()
    made = GitRepository.create(workspace)
    put()
    put_cases(workspace, "contains: x = 1")
    made.commit()
    return made


def test_diff_of_a_revision_needs_no_second_checkout(capsys, put, repository):
    assert run("diff", "main") == ExitCode.OK
    assert capsys.readouterr().out == "No prompt changes.\n"
    put(body="Look at ${selection}.\n")

    assert run("diff", "main") == ExitCode.OK
    shown = capsys.readouterr().out
    assert shown.startswith("**1 of 1 tested prompt changed against `main`, ")
    assert "-See x = 1.\n+Look at x = 1.\n" in shown
    repository.commit()
    assert run("diff", "HEAD~1", "--exit-code") == ExitCode.PROBLEMS
    assert capsys.readouterr().out == shown.replace("`main`", "`HEAD~1`")


@pytest.mark.usefixtures("repository")
def test_diff_shows_what_a_changed_partial_does(capsys, put, put_partial, repository):
    put_partial("style", "Be short.\n")
    put(body="[[include style]]\nSee ${selection}.\n")
    put("untested", body="[[include style]]\n")
    repository.commit()
    put_partial("style", "Be brief.\n")

    code, shown = as_json(capsys, "diff", "main")

    assert (code, shown["untested"]) == (ExitCode.OK, ["chat/untested"])
    (change,) = shown["changes"]
    assert "-Be short." in change["diff"]
    assert "+Be brief." in change["diff"]


def test_a_revision_wins_over_a_folder_of_its_name_and_says_so(capsys, put, repository):
    (repository.path / "main").mkdir()
    put(body="Look at ${selection}.\n")

    assert run("diff", "main") == ExitCode.OK
    assert "main is taken for the revision; write ./main for the folder." in capsys.readouterr().err
    assert run("diff", "./main") == ExitCode.OK
    assert "against `./main`" in capsys.readouterr().out


@pytest.mark.usefixtures("repository")
def test_an_unknown_revision_is_a_wrong_command(capsys):
    assert run("diff", "nope") == ExitCode.USAGE
    assert "There is no revision `nope` here." in capsys.readouterr().err


def test_help_of_an_action_shows_only_its_options(capsys):
    assert run("diff", "--help") == ExitCode.OK
    shown = capsys.readouterr().out
    assert shown.startswith("usage: fimble prompts diff ")
    assert "--exit-code" in shown
    assert "--bundled" not in shown
    assert run("--help") == ExitCode.OK
    shown = capsys.readouterr().out
    assert shown.startswith("usage: fimble prompts ")
    assert "--exit-code" not in shown
    assert "ACTION --help" in shown


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        (
            "psm",
            "${path}\n${fim_suffix}${suffix}${fim_prefix}${prefix}${fim_middle}\n",
            "`live_suffix` must be true for this layout.",
        ),
        ("psn", "${path}\n${prefix}\n", "No completion uses a layout of this name; the names are"),
    ],
)
def test_a_layout_that_no_completion_would_use_is_a_problem(capsys, put, name, body, message):
    put(name, body, kind="complete")

    assert run("check") == ExitCode.PROBLEMS
    assert message in capsys.readouterr().out


@pytest.mark.parametrize(
    ("family", "message"),
    [
        ("qwen2.5-coder", ""),
        (
            "qwen2.5-codr",
            "There is no family of models `qwen2.5-codr`. Did you mean `qwen2.5-coder`?",
        ),
    ],
)
def test_a_team_tests_its_layout_with_a_familys_own_strings(
    capsys, workspace, put, family, message
):
    put("spm", "${fim_suffix}${suffix}${fim_prefix}${prefix}${fim_middle}\n", kind="complete")
    tests = workspace / ".fimble" / "prompts" / "tests"
    tests.mkdir()
    cases = CASES.replace("chat/ours", f"complete/spm\nfamily: {family}")
    asserted = 'equals: "<|fim_suffix|>1\\n<|fim_prefix|>x = <|fim_middle|>"'
    (tests / "spm.test.yaml").write_text(cases.replace("ASSERTION", asserted))

    assert run("test") == (ExitCode.PROBLEMS if message else ExitCode.OK)
    assert message in capsys.readouterr().out
