"""Holes give nothing of their target away, and a project is hidden as its history would."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import embedded

from embedded_trial import Setting, indexed, trials
from hole_tasks import Kind, draw_tasks
from time_true import Dependents

assert embedded, "importing it makes the bench's own modules known"
CODE = '''\
"""Prices."""

from shop import rates


def price_of(article, amount):
    total = rates.of(article) * amount
    if total > 100:
        total = total - rates.discount_of(article)
    return total


def weight_of(article, amount):
    weight = rates.weight_of(article) * amount
    if weight > 100:
        weight = weight - rates.packaging_of(article)
    return weight
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "shop/__init__.py": "",
        "shop/prices.py": CODE,
        "shop/rates.py": "def of(article):\n    return article.rate\n",
        "shop/orders.py": "from shop.prices import price_of\n\nfirst = price_of(1, 2)\n",
        "shop/script.ts": 'import { of } from "./rates.js";\n\nconst first = of("article");\n',
        "tests/test_rates.py": "from shop import rates\n\nassert rates.of(1) == 2\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("append_only", [False, True])
def test_a_hole_holds_nothing_of_its_target(tree: Path, *, append_only: bool) -> None:
    tasks = draw_tasks(tree, seed="a", counts={Kind.LINE: 60, Kind.MIDDLE: 30})
    assert len(tasks) == 90
    for task in tasks:
        text = task.path.read_text()
        lines = text.splitlines()
        hole = task.hole(text, append_only=append_only)
        holed = hole.snapshot.text.splitlines()

        assert lines[task.line][task.character :].rstrip() == task.target
        assert holed[task.line] == lines[task.line][: task.character]
        assert holed[: task.line] == lines[: task.line]
        assert holed[task.line + 1 :] == ([] if append_only else lines[task.line + 1 :])


def test_targets_are_worth_saying_and_some_are_whole_lines(tree: Path) -> None:
    tasks = draw_tasks(tree, seed="a", counts={Kind.LINE: 200})

    assert all(len(task.target.strip()) >= 3 for task in tasks)
    at_start = sum(task.at_line_start for task in tasks)
    assert 0.15 < at_start / len(tasks) < 0.4
    assert all(
        task.at_line_start
        == (not task.path.read_text().splitlines()[task.line][: task.character].strip())
        for task in tasks
    )


def test_the_same_seed_draws_the_same_tasks(tree: Path) -> None:
    counts = {Kind.LINE: 20}
    assert draw_tasks(tree, seed="a", counts=counts) == draw_tasks(tree, seed="a", counts=counts)
    assert draw_tasks(tree, seed="a", counts=counts) != draw_tasks(tree, seed="b", counts=counts)


def test_who_imports_a_file_and_who_tests_is_hidden_from_it(tree: Path) -> None:
    hidden = Dependents(tree).hidden_from(tree / "shop" / "rates.py")

    names = {"shop/prices.py", "shop/script.ts", "tests/test_rates.py"}
    assert hidden == {str(tree / name) for name in names}


def test_nothing_is_copied_from_a_hidden_file_nor_from_the_file_on_disk(tree: Path) -> None:
    """A call of `price_of` stands nowhere but in what imports it, and in the target itself."""
    (tree / "shop" / "orders.py").write_text(
        "from shop.prices import price_of\n\nprice_of(77, 88)\n"
    )
    (tree / "shop" / "prices.py").write_text(CODE + "\n\nprice_of(77, 88)\n")
    engine, _ = indexed(tree)
    dependents = Dependents(tree)
    drawn = draw_tasks(tree, seed="a", counts={Kind.LINE: 300})
    tasks = [task for task in drawn if "88" in task.target and task.path.stem == "prices"]
    assert tasks

    said = {
        setting: {
            candidate.text
            for trial in trials(engine, tasks, dependents, setting)
            if trial.pool is not None
            for candidate in trial.pool.candidates
        }
        for setting in Setting
    }

    assert any("88" in text for text in said[Setting.FULL])
    assert not any("88" in text for text in said[Setting.TIME_TRUE])
