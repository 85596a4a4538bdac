"""T15: every reader of files stands behind one gate, and there is no reader that is not known.

The syntax trees of all packages are searched for whatever opens a file. Each place is listed here
with what it reads; those that can be led to a file of the user's are tried with files of secrets,
under their own names and behind links with harmless ones.
"""

from __future__ import annotations

import ast
import asyncio
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from fimble.chat.mentions import mentions
from fimble.config.schema import CompletionSettings, Settings
from fimble.context.project_rules import read_rules_file
from fimble.context.workspace_files import WorkspaceFiles
from fimble.conversation.applying import WorkspaceEditor
from fimble.conversation.context_sources import context_reader
from fimble.engine.embedded.engine import EmbeddedEngine
from fimble.errors import FimbleError
from fimble.prompt_files.folder import read_regular_text
from fimble.text.snapshot import Snapshot
from fimble_cli.bench.session import _source_files
from fimble_cli.commands.complete import hole_at
from fimble_cli.place import Place, read_document
from fimble_lsp.admission import Admission
from fimble_lsp.edit_targets import may_offer, target_of
from support.git_repository import GitRepository

ROOT = Path(__file__).parents[2]
OPENERS = {
    *("open", "fdopen", "read_text", "read_bytes", "FileIO", "mmap", "memmap", "sendfile"),
    *("copyfile", "copytree", "copy2", "copyfileobj", "make_archive", "fromfile"),
    *("Repo", "discover", "as_raw_string", "getline", "getlines"),
}
"""Names of calls that give somebody the content of a file."""
NOT_FILES = {"server", "status", "documents", "_contestant"}
"""What `open` of ours is asked of."""

GATED = {
    "core/fimble/context/workspace_files.py:_read_regular": "every scan, index and mention",
    "core/fimble/prompt_files/folder.py:read_regular_text": "templates, rules, given values",
    "core/fimble/conversation/applying.py:_read": "what an answer would change",
    "core/fimble/conversation/git_changes.py:_repository": "what git holds",
    "core/fimble/conversation/git_changes.py:_blob": "one file of what git holds",
    "cli/fimble_cli/place.py:read_document": "the current file of a command",
    "cli/fimble_cli/bench/session.py:_trace_of": "files that a bench types in again",
}
"""Readers of users' files."""
OWN = {
    "core/fimble/config/configuration_file.py:_read_bytes": "configuration",
    "core/fimble/context/index/database.py:_connect": "our index",
    "core/fimble/conversation/applying.py:_replace": "writes",
    "core/fimble/conversation/export_file.py:write_export": "writes",
    "core/fimble/engine/embedded/ranker.py:_shipped": "comes with the package",
    "core/fimble/history/sessions/session_file.py:_prepare": "our sessions",
    "core/fimble/history/statistics_store.py:_connect": "our counts",
    "core/fimble/pipeline/probe_store.py:load": "our measurements",
    "core/fimble/private_files.py:read_private": "our state",
    "core/fimble/private_files.py:write_private": "writes",
    "core/fimble/prompt_files/revision.py:read_revision": "templates of a revision",
    "core/fimble/prompt_files/revision.py:_files": "templates of a revision",
    "lsp/fimble_lsp/stdio.py:claim_standard_streams": "the null device",
    "lsp/fimble_lsp/stdio.py:open_input": "standard input",
    "tui/fimble_tui/widgets/prompt/prompt_dock.py:open_editor": "a draft, written just before",
    "cli/fimble_cli/bench/drafts.py:environment_with": "our configuration and templates",
    "cli/fimble_cli/bug_report/contents.py:_end_of": "our kept log",
    "cli/fimble_cli/main.py:_discard_stdout": "the null device",
    "cli/fimble_cli/prompts/creating.py:write_new": "writes",
    "prompts/fimble_prompts/__init__.py:read_bundled": "comes with the package",
    "prompts/fimble_prompts/__init__.py:bundled_partials": "comes with the package",
}
"""Readers and writers of what is Fimble's own, and why no gate stands before them."""

SECRET_NAMES = (".env", ".ENV.local", "id_rsa", "server.pem", ".aws/config", ".npmrc", "k/a.KEY")
CANARY = "canary-of-a-secret"


def readers(source: str, name: str) -> set[str]:
    """Return the functions of a module that open a file."""
    found: set[str] = set()

    def search(node: ast.AST, function: str) -> None:
        for child in ast.iter_child_nodes(node):
            inside = function
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = child.name
            if isinstance(child, ast.Call) and opens(child.func):
                found.add(f"{name}:{inside}")
            search(child, inside)

    search(ast.parse(source), "")
    return found


def opens(function: ast.expr) -> bool:
    match function:
        case ast.Name(id=name):
            return name in OPENERS
        case ast.Attribute(attr="open", value=ast.Name(id=owner) | ast.Attribute(attr=owner)):
            return owner not in NOT_FILES
        case ast.Attribute(attr=name):
            return name in OPENERS
        case _:
            return False


def test_t15_every_reader_of_files_is_known() -> None:
    found: set[str] = set()
    for root in ("prompts", "core", "lsp", "tui", "cli"):
        for path in (ROOT / root).rglob("*.py"):
            found |= readers(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())

    assert found == {*GATED, *OWN}


@pytest.mark.parametrize(
    "line",
    [
        "open(path)",
        "io.open(path)",
        "Path(name).open()",
        "os.fdopen(os.open(path, 0))",
        "path.read_text()",
        "shutil.copyfile(a, b)",
        "Repo.discover('.')",
    ],
)
def test_t15_the_search_finds_each_way(line: str) -> None:
    assert readers(f"def f():\n    {line}\n", "m.py") == {"m.py:f"}


@pytest.mark.parametrize("module", ["pyperclip", "pyclip", "clipboard", "tkinter"])
def test_t15_no_clipboard_is_read(module: str) -> None:
    """What a user pastes he has chosen; nothing looks into his clipboard unasked."""
    for root in ("core", "lsp", "tui", "cli"):
        for path in (ROOT / root).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            names = [
                name
                for node in ast.walk(tree)
                for name in (
                    [each.name for each in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else [node.attr]
                    if isinstance(node, ast.Attribute) and node.attr == "clipboard"
                    else []
                )
            ]
            assert module not in names, path
            # Textual's own clipboard, which holds what was copied in the chat.
            assert "clipboard" not in names, path


# Each way to a file, tried: it returns what was read, or raises what the user is told.


def by_scan(root: Path, path: Path) -> str:
    return "".join(found.text for found in WorkspaceFiles(root).scan() if found is not None)


def by_name(root: Path, path: Path) -> str:
    found = WorkspaceFiles(root).read(path)
    return "" if found is None else found.text


def by_list(root: Path, path: Path) -> str:
    found = WorkspaceFiles(root).read_listed(path.relative_to(root).as_posix())
    return "" if found is None else found.text


def by_prompt(root: Path, path: Path) -> str:
    return read_regular_text(path, 10_000)


def by_rules(root: Path, path: Path) -> str:
    return read_rules_file(root, path.relative_to(root).as_posix())


def by_mention(root: Path, path: Path) -> str:
    reader = context_reader(root, exclude=(), count_tokens=len)
    relative = path.relative_to(root).as_posix()
    gathered = [reader.gather(f"@{name}") for name in (relative, f"{Path(relative).parent}/")]
    return "".join(each.text for found in gathered for each in found.attachments)


def by_diff(root: Path, path: Path) -> str:
    repository = GitRepository.create(root)
    repository.write(path.relative_to(root).as_posix(), "text=old\n")
    repository.commit()
    path.write_text(f"text={CANARY}\n")
    reader = context_reader(root, exclude=(), count_tokens=len)
    (mention,) = mentions("@diff")
    return "".join(each.text for each in reader.read(mention))


def by_answer(root: Path, path: Path) -> str:
    editor = WorkspaceEditor(root, store=None)  # type: ignore[arg-type]
    return editor.target(path.relative_to(root).as_posix()).text or ""


def by_command(root: Path, path: Path) -> str:
    return read_document(path).text


def by_complete(root: Path, path: Path) -> str:
    return hole_at(Place(path=path, line=1, column=1), None, Namespace()).snapshot.text  # type: ignore[arg-type]


def by_bench(root: Path, path: Path) -> str:
    return "".join(each.read_text() for each in _source_files(root) if each == path)


def by_editor(root: Path, path: Path) -> str:
    admits = Admission(Settings(), [str(root)]).admits(path.as_uri(), "python")
    return CANARY if admits else ""


def by_action(root: Path, path: Path) -> str:
    allowed = may_offer(target_of(path.as_uri(), [root]), CompletionSettings().ignore)
    return CANARY if allowed.read else ""


def by_embedded_engine(root: Path, path: Path) -> str:
    engine = EmbeddedEngine()
    snapshot = Snapshot.from_text(CANARY, uri=path.as_uri(), language_id="python")
    engine.observe(snapshot)
    engine.index_workspace(root)
    for _ in engine.index_steps():
        pass
    learned = CANARY if engine._open.paths() or engine.report.files else ""
    asyncio.run(engine.aclose())
    return learned


WAYS: list[Callable[[Path, Path], str]] = [
    *(by_scan, by_name, by_list, by_prompt, by_rules, by_mention, by_diff, by_answer),
    *(by_command, by_complete, by_bench, by_editor, by_action, by_embedded_engine),
]


def read_by(way: Callable[[Path, Path], str], root: Path, path: Path) -> str:
    try:
        return way(root, path)
    except FimbleError as refused:
        return str(refused)


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"text={CANARY}\n")
    return path


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SECRET_NAMES)
def test_t15_no_way_leads_into_a_file_of_secrets(tmp_path: Path, way, name: str) -> None:
    path = put(tmp_path / "w" / name)

    assert CANARY not in read_by(way, tmp_path / "w", path)


@pytest.mark.parametrize("way", [way for way in WAYS if way is not by_diff])
def test_t15_no_link_leads_into_a_file_of_secrets(tmp_path: Path, way) -> None:
    secret = put(tmp_path / "w" / ".env")
    link = tmp_path / "w" / "notes.py"
    link.symlink_to(secret)

    assert CANARY not in read_by(way, tmp_path / "w", link)


@pytest.mark.parametrize("way", [way for way in WAYS if way is not by_rules])
def test_t15_an_ordinary_file_is_read(tmp_path: Path, way) -> None:
    """Else the tests above could not fail."""
    path = put(tmp_path / "w" / "shop" / "notes.py")

    assert CANARY in read_by(way, tmp_path / "w", path)


def test_t15_a_mentioned_folder_is_judged_by_its_whole_path(tmp_path: Path) -> None:
    """Inside of `secrets/` a file has a harmless name, and what git ignores above stays ignored."""
    for name in ("secrets/db.txt", "made/x.py", "kept/a.py", "kept/made/b.py"):
        put(tmp_path / name)
    (tmp_path / ".gitignore").write_text("made/\n")
    reader = context_reader(tmp_path, exclude=("*.sql",), count_tokens=len)

    assert [it.label for it in reader.gather("@kept/").attachments] == ["kept/a.py"]
    for folder in ("secrets", "made", "kept/made"):
        assert reader.gather(f"@{folder}/").attachments == ()


def test_t15_a_diff_leaves_out_what_the_user_excludes(tmp_path: Path) -> None:
    repository = GitRepository.create(tmp_path)
    for name in ("private/plan.py", "src/a.py"):
        repository.write(name, "old = 1\n")
    repository.commit()
    for name in ("private/plan.py", "src/a.py"):
        put(tmp_path / name)
    reader = context_reader(tmp_path, exclude=("private/",), count_tokens=len)
    (attachment,) = reader.read(mentions("@diff")[0])

    assert "b/src/a.py" in attachment.text
    assert "plan.py" not in attachment.text
