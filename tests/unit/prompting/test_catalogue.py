"""Which template a name means, and whom it hides."""

import pytest

from fimble.errors import FimbleError, TemplateError
from fimble.prompting.catalogue import Catalogue, PromptLayer, PromptSource, read_entry
from fimble.prompting.variables import Kind
from support.prompting import GUARDS, write


def entry(layer: PromptLayer, name: str = "example", kind: str = "chat", text: str | None = None):
    given = write("Say ${input}.", kind=kind).replace("name: example", f"name: {name}")
    source = PromptSource(
        layer=layer,
        kind=Kind(kind),
        name=name,
        origin=f"{layer.label}:{kind}/{name}",
        text=given if text is None else text,
    )
    return read_entry(source, GUARDS)


def test_the_strongest_layer_wins_and_names_all_that_it_hides():
    layers = (PromptLayer.REPOSITORY, PromptLayer.BUNDLED, PromptLayer.FILE, PromptLayer.USER)
    catalogue = Catalogue(entry(layer) for layer in layers)

    chain = catalogue.chain("example")

    assert [each.source.layer.label for each in chain] == ["file", "repository", "user", "bundled"]
    assert catalogue.find("chat/example") is chain[0]
    assert catalogue.entries == (chain[0],)


def test_a_broken_template_hides_the_good_one_below_and_says_what_is_wrong():
    catalogue = Catalogue([entry(PromptLayer.BUNDLED), entry(PromptLayer.USER, text="no")])

    with pytest.raises(TemplateError, match="user:chat/example:1:1: There is no front matter"):
        catalogue.find("example").require()


def test_one_name_of_two_kinds_asks_which():
    catalogue = Catalogue([entry(PromptLayer.BUNDLED), entry(PromptLayer.USER, kind="edit")])

    with pytest.raises(FimbleError, match="Say `chat/example` or `edit/example`"):
        catalogue.chain("example")
    assert catalogue.find("edit/example").source.layer is PromptLayer.USER


@pytest.mark.parametrize(("name", "hint"), [("exmple", "`example`"), ("chat/exampel", "`chat/ex")])
def test_an_unknown_name_gets_the_nearest(name, hint):
    with pytest.raises(FimbleError, match=f"There is no template `{name}`. Did you mean {hint}"):
        Catalogue([entry(PromptLayer.BUNDLED)]).chain(name)


def test_name_and_folder_must_agree_with_the_front_matter():
    text = write("Say ${input}.", kind="edit")

    found = entry(PromptLayer.USER, name="other", text=text)

    assert found.template is None
    assert [str(error) for error in found.errors()] == [
        (
            "user:chat/other:1:1: `kind` is edit, but the folder is chat. "
            "Move the file to edit/, or change the key."
        ),
        (
            "user:chat/other:1:1: `name` is example, but the file is other.prompt.md. "
            "Both are the name that people type: make them the same."
        ),
    ]


def test_a_file_outside_of_any_folder_says_its_kind_itself():
    source = PromptSource(
        layer=PromptLayer.FILE,
        kind=None,
        name="example",
        origin="example.prompt.md",
        text=write("Say ${input}.", kind="edit"),
    )

    assert read_entry(source, GUARDS).full_name == "edit/example"
