"""The tests that come with the built-in templates pass, and every template has them."""

from __future__ import annotations

import pytest

from fimble.engine.token_estimate import TokenEstimator
from fimble.policy.control_tokens import neutralise
from fimble.prompt_files.layers import bundled_folder
from fimble.prompting.cases.runner import CaseRunner
from fimble.prompting.parse import parse_template
from fimble.prompting.render import Renderer
from fimble.prompting.template import Template, Text
from fimble.prompting.variables import VARIABLES, Kind, Nature
from fimble_cli.prompts.testing import control_of
from fimble_prompts import bundled_names, read_bundled
from support.prompting import BUNDLED_PARTIALS, GUARDS

COUNT = TokenEstimator().count
RUNNER = CaseRunner(
    renderer=Renderer(neutralise=neutralise, count_tokens=COUNT), control=control_of
)
ASKED = [
    f"{kind.value}/{name}"
    for kind in Kind
    if kind is not Kind.COMPLETE
    for name in bundled_names(kind.value)
]
LAYOUTS = [f"complete/{name}" for name in bundled_names(Kind.COMPLETE.value)]
TESTS = {test.origin: test for test in bundled_folder().tests()}


def load(full_name: str) -> Template:
    kind, _, name = full_name.partition("/")
    text = read_bundled(kind, name)
    return parse_template(text, source=full_name, guards=GUARDS, partials=BUNDLED_PARTIALS)


@pytest.mark.parametrize("origin", TESTS)
def test_the_cases_of_a_bundled_template_hold(origin: str):
    file = TESTS[origin].file
    assert file is not None, TESTS[origin].error

    results = RUNNER.run(load(file.prompt), file, bundled_folder().trees(file))

    assert [(each.case.name, each.failures) for each in results if each.failures] == []


def test_every_template_has_tests_and_each_tests_hostile_material():
    tested = {test.file.prompt: test.file for test in TESTS.values() if test.file}

    assert sorted(tested) == sorted([*ASKED, *LAYOUTS])
    for file in tested.values():
        assert "what is shown cannot speak for the user" in {case.name for case in file.cases}


def test_the_templates_that_the_documents_name_are_there():
    assert {name.partition("/")[2] for name in ASKED if name.startswith("chat/")} == {
        *("explain", "review", "fix", "test", "document", "refactor", "optimise", "translate"),
        *("ask", "name", "regex", "sql", "pull-request", "changelog", "summarise"),
    }
    assert "commit/commit-message" in ASKED
    assert {name for name in ASKED if name.startswith("edit/")} == {
        *("edit/document", "edit/fix", "edit/test", "edit/refactor", "edit/edit-by-instruction"),
    }


@pytest.mark.parametrize("name", ASKED)
def test_full_budgets_of_all_variables_together_fit_the_budget_of_the_prompt(name: str):
    """Else a user could give no single value too much and be refused all the same."""
    template = load(name)
    own = sum(
        COUNT(piece.text)
        for message in template.messages
        for piece in message.pieces
        if isinstance(piece, Text)
    )
    given = sum(budget.max_tokens for budget in template.front.context)

    assert template.front.prompt_tokens is not None
    assert own + given + 400 <= template.front.prompt_tokens, "400 for the path and the fences"


@pytest.mark.parametrize("name", ASKED)
def test_every_text_that_can_be_long_has_a_budget(name: str):
    template = load(name)
    budgets = {budget.variable for budget in template.front.context}
    short = {key for key, each in VARIABLES.items() if each.nature is Nature.LINE}

    assert template.variables - budgets <= short


@pytest.mark.parametrize("name", [name for name in ASKED if name.startswith("edit/")])
def test_what_replaces_code_is_never_made_from_half_of_it(name: str):
    template = load(name)
    overflow = {budget.variable: budget.on_overflow for budget in template.front.context}

    assert overflow["selection"] == "error"
    assert template.front.output.format == "code"
