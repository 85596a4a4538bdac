"""Which folders count: an untrusted workspace's own prompts do not."""

import pytest

from fimble.errors import TemplateError
from fimble.prompt_files.layers import PromptLayers, repository_folder, user_folder
from fimble.prompting.catalogue import PromptLayer


def layers_of(name, **choices):
    chain = PromptLayers(**choices).catalogue().chain(name)
    return [each.source.layer for each in chain]


def test_t14_an_untrusted_workspace_has_bundled_and_user_prompts_only(tmp_path, put):
    put(user_folder().path, "chat", "review")
    put(repository_folder(tmp_path).path, "chat", "review")
    put(repository_folder(tmp_path).path, "chat", "ours")

    names = {each.name for each in PromptLayers(workspace=tmp_path).catalogue().entries}

    assert layers_of("review", workspace=tmp_path) == [PromptLayer.USER, PromptLayer.BUNDLED]
    assert "ours" not in names


def test_trust_puts_the_repository_above_the_user_and_a_named_file_above_all(tmp_path, put):
    put(user_folder().path, "chat", "review")
    put(repository_folder(tmp_path).path, "chat", "review")
    named = put(tmp_path / "elsewhere", "chat", "review")

    assert layers_of("review", workspace=tmp_path, allows=lambda *_: True, file=named) == [
        PromptLayer.FILE,
        PromptLayer.REPOSITORY,
        PromptLayer.USER,
        PromptLayer.BUNDLED,
    ]


def test_a_named_file_that_is_not_there_is_an_error_of_its_own(tmp_path):
    layers = PromptLayers(workspace=tmp_path, file=tmp_path / "chat" / "none.prompt.md")

    with pytest.raises(TemplateError, match="cannot be read: no such file"):
        layers.catalogue().find("chat/none").require()


def test_every_bundled_template_is_in_the_catalogue_and_good(tmp_path):
    catalogue = PromptLayers(workspace=tmp_path).catalogue()

    assert len(catalogue.entries) == 23
    assert [each.full_name for each in catalogue.entries if each.problems] == []
