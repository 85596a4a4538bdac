"""The guide's template is one that a team can copy."""

from __future__ import annotations

import re
from pathlib import Path

from fimble.editing.offers import own_offers
from fimble.prompt_files.layers import GUARDS
from fimble.prompting.catalogue import PromptLayer, PromptSource, read_entry
from fimble.prompting.variables import Kind
from support.prompting import BUNDLED_PARTIALS

GUIDE = Path(__file__).parents[3] / "docs" / "code-actions.md"


def test_the_template_of_the_guide_becomes_two_actions() -> None:
    found = re.search(r"```markdown\n(.*?\n)```\n\n- An input", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    source = PromptSource(
        layer=PromptLayer.REPOSITORY, kind=Kind.EDIT, name="log-it", origin="guide", text=found[1]
    )
    entry = read_entry(source, GUARDS, BUNDLED_PARTIALS)

    assert entry.problems == ()
    assert [offer.title for offer in own_offers([entry], "python")] == [
        "Fimble: Log what is done here (info)",
        "Fimble: Log what is done here (debug)",
    ]
    assert list(own_offers([entry], "rust")) == []
