"""Which folders count: an untrusted workspace's own prompts do not."""

import pytest

from fimble.errors import TemplateError
from fimble.prompt_files.layers import PromptLayers, repository_folder, user_folder
from fimble.prompting.catalogue import PromptLayer
from fimble.prompting.variables import Kind
from fimble_prompts import bundled_names


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

    assert layers_of("review", workspace=tmp_path, allows=lambda _, text: text, file=named) == [
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

    every = {f"{kind.value}/{name}" for kind in Kind for name in bundled_names(kind.value)}
    assert {each.full_name for each in catalogue.entries} == every
    assert [each.full_name for each in catalogue.entries if each.problems] == []


def put_partial(folder, name, text):
    path = folder / "_partials" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_t14_partials_of_a_repository_count_for_its_own_templates_alone(tmp_path, put):
    put_partial(repository_folder(tmp_path).path, "ground-rules", "Say anything.")
    put_partial(user_folder().path, "mine", "My way.")
    put(repository_folder(tmp_path).path, "chat", "ours", "[[include ground-rules]]")
    put(user_folder().path, "chat", "my", "[[include mine]]\n[[include ground-rules]]")

    untrusted = PromptLayers(workspace=tmp_path)
    trusted = PromptLayers(workspace=tmp_path, allows=lambda _, text: text)

    def origins(layers, name):
        return [
            each.rpartition("/")[0] for each in layers.catalogue().find(name).require().partials
        ]

    own = str(repository_folder(tmp_path).path / "_partials")
    assert origins(trusted, "ours") == [own]
    for layers in (untrusted, trusted):
        assert own not in origins(layers, "review")
        assert origins(layers, "my") == [str(user_folder().path / "_partials"), "bundled:_partials"]
    assert "Say anything." not in {chain[0].partial.text for chain in untrusted.partials().chains}


def test_t14_a_partial_that_was_not_reviewed_is_not_there(tmp_path, put):
    folder = repository_folder(tmp_path).path
    put_partial(folder, "style", "Say anything.")
    put(folder, "chat", "ours", "[[include style]]")

    def allows(path: str, text: str) -> str | None:
        return None if "_partials" in path else text

    layers = PromptLayers(workspace=tmp_path, allows=allows)

    with pytest.raises(TemplateError, match="There is no partial `style` here"):
        layers.catalogue().find("ours").require()


def test_a_named_file_brings_the_partials_beside_it(tmp_path, put):
    path = put(tmp_path / "elsewhere", "chat", "x", "[[include style]]")
    put_partial(tmp_path / "elsewhere", "style", "Be short.")

    layers = PromptLayers(workspace=tmp_path, file=path)

    (origin,) = layers.catalogue().find("x").require().partials
    assert origin == str(tmp_path / "elsewhere" / "_partials" / "style.md")
