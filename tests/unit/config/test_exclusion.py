"""Which documents are left out."""

import pytest

from fimble.config.exclusion import Exclusion
from fimble.config.schema import CompletionSettings


@pytest.mark.parametrize(
    ("settings", "relative", "reason"),
    [
        (CompletionSettings(), "src/app.py", ""),
        (CompletionSettings(enabled=False), "src/app.py", "completion.enabled is false"),
        (
            CompletionSettings(disabled_languages=("go", "python")),
            "src/app.py",
            'completion.disabled_languages names "python"',
        ),
        (
            CompletionSettings(ignore=("src/",)),
            "src/app.py",
            "completion.ignore has a pattern for this file",
        ),
        (CompletionSettings(ignore=("src/", "!*.py")), "app.py", ""),
        (CompletionSettings(ignore=("*",)), "", ""),
    ],
)
def test_the_setting_that_excludes_a_document_is_named(settings, relative, reason):
    assert Exclusion(settings).reason(language_ids={"py", "python"}, relative=relative) == reason
