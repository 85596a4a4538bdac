"""Mentions of symbols, of the map and of errors, through the one factory."""

import pytest

from fimble.chat.mentions import mentions
from fimble.chat.transcript import AttachmentKind
from fimble.context.index.symbol_index import SymbolIndex
from fimble.conversation.context_sources import context_reader
from fimble.conversation.errors_source import ErrorsSource
from fimble.conversation.fresh_index import FreshIndex
from support.git_repository import GitRepository

SHOP = '''\
class Cart:
    @property
    def total(self):
        """Add up."""
        return 1

    @total.setter
    def total(self, value): ...


def pay(): return "AKIA{}"
'''.replace("{}", "Q7" * 8)


@pytest.fixture
def workspace(tmp_path):
    root = tmp_path / "workspace"
    (root / "src").mkdir(parents=True)
    (root / "src" / "shop.py").write_text(SHOP, "utf-8")
    (root / "src" / "bank.py").write_text("def pay():\n    pass\n\nclass Bank: pass\n", "utf-8")
    return root


@pytest.fixture
def fresh(workspace, tmp_path):
    index = FreshIndex(SymbolIndex(workspace, folder=tmp_path / "cache"))
    yield index
    index.close()


@pytest.fixture
def reader(workspace, fresh):
    return context_reader(workspace, exclude=(), count_tokens=len, index=fresh)


def test_a_symbol_is_attached_with_its_decorators_and_lines(reader):
    gathered = reader.gather("Why @Cart.total?")

    assert gathered.problems == ()
    assert [(it.kind, it.label) for it in gathered.attachments] == [
        (AttachmentKind.SYMBOL, "src/shop.py:2-5"),
        (AttachmentKind.SYMBOL, "src/shop.py:7-8"),
    ]
    assert gathered.attachments[0].text.startswith("    @property\n    def total(self):\n")
    assert gathered.attachments[0].language == "python"


def test_a_symbol_is_read_fresh_from_its_file(reader, workspace, fresh):
    reader.gather("@Bank")
    (workspace / "src" / "bank.py").write_text("\n\nclass Bank:\n    rate = 3\n", "utf-8")
    fresh._built_at = float("-inf")

    (attachment,) = reader.gather("@Bank").attachments

    assert (attachment.label, attachment.text) == (
        "src/bank.py:3-4",
        "class Bank:\n    rate = 3\n",
    )


def test_an_ambiguous_name_lists_what_it_may_mean(reader):
    (problem,) = reader.gather("@pay").problems

    assert "@pay means 2 definitions" in problem
    assert "pay (@src/bank.py:1-2)" in problem
    assert "pay (@src/shop.py:11)" in problem


def test_a_name_that_nothing_has_is_said(reader):
    assert "nothing in this workspace has that name" in reader.gather("@Nobody").problems[0]


def test_t15_secrets_inside_a_symbol_are_masked(reader):
    (attachment,) = reader.gather("@src/shop.py:11").attachments
    masked = reader.priced(attachment)

    assert attachment.masked == 1
    assert "AKIA" not in masked.text


def test_the_map_is_an_outline_that_says_what_is_left_out(reader):
    (attachment,) = reader.gather("@map").attachments

    assert attachment.kind is AttachmentKind.MAP
    assert "src/shop.py\n  class Cart\n    def total(self)\n" in attachment.text


def test_a_map_of_no_code_is_a_sentence(tmp_path):
    (tmp_path / "empty").mkdir()
    fresh = FreshIndex(SymbolIndex(tmp_path / "empty", folder=tmp_path / "cache"))
    reader = context_reader(tmp_path / "empty", exclude=(), count_tokens=len, index=fresh)

    assert "no code" in reader.gather("@map").problems[0]
    fresh.close()


def test_errors_are_told_with_their_lines_and_what_was_not_checked(reader, workspace):
    (workspace / "src" / "shop.py").write_text("x = 1\ndef broken(:\n    pass\n", "utf-8")

    (attachment,) = reader.gather("@errors").attachments

    assert attachment.kind is AttachmentKind.ERRORS
    assert "types and names are not checked" in attachment.text
    assert "in 2 files that changed within a day" in attachment.text
    assert "src/shop.py:2: " in attachment.text
    assert "def broken(:" in attachment.text


def test_no_errors_is_a_sentence_that_claims_no_more(reader):
    (problem,) = reader.gather("@errors").problems

    assert "2 files that changed within a day: no syntax error" in problem
    assert "Types and names are not checked" in problem


def test_files_that_differ_from_the_last_commit_are_looked_at_when_they_are_old(workspace):
    repository = GitRepository.create(workspace)
    repository.write("src/old.py", "x = 1\n")
    repository.commit()
    repository.write("src/old.py", "def (:\n")
    source = ErrorsSource(workspace, exclude=(), now=lambda: 9e12)
    (attachment,) = source.attachments(mentions("@errors")[0]) or ()

    assert "src/old.py:1: " in attachment.text
    assert "differ from the last commit" in attachment.text


def test_a_fresh_index_builds_once_for_many_questions(workspace, tmp_path):
    clock = [0.0]
    index = SymbolIndex(workspace, folder=tmp_path / "cache")
    fresh = FreshIndex(index, now=lambda: clock[0])
    fresh.now()
    built = index.status().built_at
    fresh.now()

    assert index.status().built_at == built
    clock[0] = 60.0
    fresh.now()
    assert index.status().built_at != built
    fresh.close()
