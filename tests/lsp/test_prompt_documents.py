"""Templates in an editor: what is wrong, what fits, what it means, and what the prompt would be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fimble_lsp.prompt_documents import is_prompt
from support.lsp_buffer import EditorBuffer
from support.lsp_client import LspClient
from support.stub_ollama import StubOllama

PUSHED: dict[str, Any] = {
    "textDocument": {
        "inlineCompletion": {},
        "completion": {},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeLens": {},
        "codeAction": {"codeActionLiteralSupport": {}},
    },
    "workspace": {"executeCommand": {}},
}
"""A client with ghost text that can be told nothing later."""

PULLS: dict[str, Any] = {"textDocument": {"inlineCompletion": {}, "diagnostic": {}}}

URI = "file:///work/.fimble/prompts/chat/example.prompt.md"
FRONT = "---\nschema: 1\nname: example\ndescription: An example.\nkind: chat\n---\n"


NO_SERVER: dict[str, Any] = {"engine": {"kind": "embedded"}}
"""Settings with which nobody asks a model server that may run on this machine."""


@pytest.mark.parametrize(
    ("uri", "ours"),
    [
        (URI, True),
        ("file:///w/notes.prompt.md", True),
        ("file:///w/a%20b/%70.prompt%2Emd", True),
        ("untitled:new.prompt.md", True),
        ("vscode-remote://host/w/.fimble/prompts/chat/a.prompt.md", True),
        ("file:///w/.github/prompts/a.prompt.md", False),
        ("file:///w/%2Egithub/prompts/a.prompt.md", False),
        ("file:///w/a.prompt.md.bak", False),
        ("file:///w/a.py#.prompt.md", False),
        ("file:///w/README.md", False),
        ("", False),
    ],
)
def test_a_template_is_known_by_its_name(uri: str, ours: bool) -> None:
    assert is_prompt(uri) is ours


async def opened(client: LspClient, body: str, *, uri: str = URI, front: str = FRONT):
    """Open a template with the cursor at its end."""
    return await client.open(front + body, uri=uri, language_id="markdown")


async def diagnosed(client: LspClient, buffer: EditorBuffer) -> list[dict[str, Any]]:
    """Wait for what is published of the buffer's present version."""
    params = await client.notification(
        "textDocument/publishDiagnostics", uri=buffer.uri, version=buffer.version
    )
    return params["diagnostics"]


def covered(buffer: EditorBuffer, span: dict[str, Any]) -> str:
    """Return the buffer's text in a range of the protocol."""
    return buffer.text[buffer.offset(span["start"]) : buffer.offset(span["end"])]


async def asked(
    client: LspClient, method: str, buffer: EditorBuffer, at: int | None = None, **params: object
) -> Any:
    """Send a request about a place in a buffer; return the result."""
    answer = await client.request(
        f"textDocument/{method}",
        {
            "textDocument": {"uri": buffer.uri},
            "position": buffer.position(buffer.cursor if at is None else at),
            **params,
        },
    )
    return answer["result"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_mistakes_are_marked_to_the_character(client: LspClient, encoding: str) -> None:
    await client.initialize({**PUSHED, "general": {"positionEncodings": [encoding]}})
    buffer = await opened(client, "Größe 𝒳𝒳 ${selectoin} 𝒳")
    [found] = await diagnosed(client, buffer)

    assert covered(buffer, found["range"]) == "${selectoin}"
    assert (found["severity"], found["code"], found["source"]) == (1, "unknown-variable", "fimble")
    assert found["message"] == "There is no variable `${selectoin}`. Did you mean `selection`?"


async def test_diagnostics_follow_typing_and_go_with_the_document(client: LspClient) -> None:
    await client.initialize(PUSHED)
    buffer = await opened(client, "See ${pat")
    [broken] = await diagnosed(client, buffer)
    await client.type(buffer, "h}.")
    mended = await diagnosed(client, buffer)
    await client.type(buffer, " $")
    [dollar] = await diagnosed(client, buffer)
    client.forget()
    await client.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})
    cleared = await client.notification("textDocument/publishDiagnostics", uri=buffer.uri)

    assert broken["code"] == dollar["code"] == "lone-dollar"
    assert mended == []
    assert cleared["diagnostics"] == []


async def test_yaml_that_is_half_written_is_told_with_its_place(client: LspClient) -> None:
    await client.initialize(PUSHED)
    buffer = await opened(client, "x", front="---\nname: [\n---\n")

    assert [found["code"] for found in await diagnosed(client, buffer)] == ["invalid-yaml"]


async def test_a_document_of_ten_megabytes_is_refused_and_the_server_lives_on(
    client: LspClient,
) -> None:
    await client.initialize(PUSHED)
    buffer = await opened(client, "word ${pth} \n" * 800_000)
    [found] = await diagnosed(client, buffer)

    assert found["code"] == "too-large"
    assert await asked(client, "hover", buffer, 5) is None
    assert (await asked(client, "completion", buffer))["items"] == []


async def test_a_client_that_pulls_is_not_pushed_to(client: LspClient) -> None:
    await client.initialize(PULLS)
    buffer = await opened(client, "${pth}")
    report = await asked(client, "diagnostic", buffer)
    code = await client.open("${pth}", language_id="python")
    other = await asked(client, "diagnostic", code)
    await client.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})
    await client.settle()

    assert report["kind"] == "full"
    assert [found["code"] for found in report["items"]] == ["unknown-variable"]
    assert (other["kind"], other["items"]) == ("full", [])
    assert "textDocument/publishDiagnostics" not in [
        each["method"] for each in client.notifications
    ]


@pytest.mark.parametrize(
    "uri",
    [
        "file:///work/a.py",
        "file:///work/README.md",
        "file:///work/.github/prompts/copilot.prompt.md",
        "file:///work/prompt.md",
    ],
)
async def test_other_documents_get_nothing(client: LspClient, uri: str) -> None:
    offered = await client.initialize(PUSHED)
    buffer = await client.open("---\nsch ${pth}", uri=uri, language_id="plain")
    template = await opened(client, "x")
    await diagnosed(client, template)

    assert await asked(client, "hover", buffer) is None
    assert await asked(client, "codeLens", buffer) == []
    assert (await asked(client, "completion", buffer))["items"] == []
    assert await _fixes(client, buffer, **_everything(buffer)) == []
    assert {each["params"].get("uri") for each in client.notifications} <= {template.uri, None}
    assert "diagnosticProvider" not in offered


async def _fixes(client: LspClient, buffer: EditorBuffer, **params: object) -> Any:
    """Return the actions that are made of edits: those that ask the model are others' affair."""
    actions = await asked(client, "codeAction", buffer, **params)
    return [action for action in actions if "edit" in action]


def _everything(buffer: EditorBuffer) -> dict[str, Any]:
    start, end = buffer.position(0), buffer.position(len(buffer.text))
    return {"range": {"start": start, "end": end}, "context": {"diagnostics": []}}


async def test_what_can_be_registered_later_is_and_for_templates_only(client: LspClient) -> None:
    capabilities = {
        room: {name: {**ability, "dynamicRegistration": True} for name, ability in named.items()}
        for room, named in PUSHED.items()
    }
    offered = await client.initialize(capabilities)
    await client.open("x", language_id="plain")
    await client.settle()
    before = list(client.requests)
    await opened(client, "x")
    await client.until(lambda: client.requests, "a registration")
    registered = client.requests[0]["params"]["registrations"]

    assert set(offered) == {
        "positionEncoding",
        "textDocumentSync",
        "inlineCompletionProvider",
        "codeActionProvider",
        "executeCommandProvider",
    }
    assert before == []
    assert client.requests[0]["method"] == "client/registerCapability"
    assert {
        each["method"]: each["registerOptions"].get("documentSelector") for each in registered
    } == {
        **{
            f"textDocument/{name}": [{"pattern": "**/*.prompt.md"}]
            for name in ("completion", "hover", "codeLens")
        },
    }


async def test_a_client_with_lenses_is_told_of_the_command(client: LspClient) -> None:
    """Neovim does not announce that it runs commands, and refuses those that it was not told of."""
    offered = await client.initialize({"textDocument": {"codeLens": {}}})

    assert offered["codeLensProvider"] == {}
    assert "fimble.renderPrompt" in offered["executeCommandProvider"]["commands"]


async def test_ghost_text_still_works_in_a_template(client: LspClient) -> None:
    await client.initialize(PUSHED)
    buffer = await opened(client, "See ")

    assert [item["insertText"] for item in await client.ghost(buffer)] == ["completed"]


async def test_a_menu_client_gets_the_models_words_where_the_form_says_nothing(
    client: LspClient,
) -> None:
    await client.initialize({"textDocument": {"completion": {}}})
    buffer = await opened(client, "not_")
    free = await asked(client, "completion", buffer)
    await client.type(buffer, " ${sel")
    bound = await asked(client, "completion", buffer)

    assert [item["label"] for item in free["items"]] == ["not_completed"]
    assert "selection" in [item["label"] for item in bound["items"]]
    assert {item["detail"].split(",")[0] for item in bound["items"]} >= {"cursor", "repo"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_an_accepted_entry_leaves_the_expected_text(client: LspClient, encoding: str) -> None:
    await client.initialize({**PUSHED, "general": {"positionEncodings": [encoding]}})
    buffer = await opened(client, "𝒳é ${sel")
    menu = await asked(client, "completion", buffer)
    [item] = [item for item in menu["items"] if item["label"] == "selection"]
    await client.change(buffer, buffer.accept_menu(item))

    assert buffer.text == FRONT + "𝒳é ${selection}"
    assert await diagnosed(client, buffer) == []


async def test_keys_are_completed_while_the_yaml_is_broken(client: LspClient) -> None:
    await client.initialize(PUSHED)
    buffer = await opened(client, "", front="---\nname: [\nsampling:\n  te")
    broken = await diagnosed(client, buffer)
    buffer = await opened(client, "", front="---\nschema: 1\nsampling: {te")
    labels = [item["label"] for item in (await asked(client, "completion", buffer))["items"]]

    assert broken
    assert labels == ["temperature", "top_p", "stop"]


async def test_partials_of_the_folder_are_offered_and_explained(
    client: LspClient, tmp_path: Path
) -> None:
    folder = tmp_path / "prompts"
    (folder / "_partials").mkdir(parents=True)
    (folder / "_partials" / "care.md").write_text("Take `care`.\n", encoding="utf-8")
    await client.initialize(PUSHED)
    uri = (folder / "chat" / "example.prompt.md").as_uri()
    buffer = await opened(client, "[[include care]]\n[[", uri=uri)
    await diagnosed(client, buffer)
    labels = [item["label"] for item in (await asked(client, "completion", buffer))["items"]]
    about = await asked(client, "hover", buffer, len(FRONT) + 4)

    assert "include care" in labels
    assert "Take `care`." in about["contents"]["value"]


async def test_a_partial_is_checked_too_and_the_templates_that_include_it(
    client: LspClient, tmp_path: Path
) -> None:
    folder = tmp_path / ".fimble" / "prompts"
    (folder / "_partials").mkdir(parents=True)
    tone = folder / "_partials" / "tone.md"
    tone.write_text("Be kind.\n", encoding="utf-8")
    await client.initialize(PUSHED)
    template = await opened(
        client, "[[include tone]]\n${path}", uri=(folder / "chat" / "example.prompt.md").as_uri()
    )
    assert await diagnosed(client, template) == []

    partial = await client.open("Be ${kind}.\n", uri=tone.as_uri(), language_id="markdown")
    [found] = await diagnosed(client, partial)
    client.forget()
    await client.type(partial, "x")
    [included] = await diagnosed(client, template)
    fixes = await _fixes(client, partial, **_everything(partial))
    client.forget()
    await client.notify("textDocument/didClose", {"textDocument": {"uri": partial.uri}})
    as_saved = await diagnosed(client, template)

    assert covered(partial, found["range"]) == "${kind}"
    assert found["code"] == "unknown-variable"
    assert covered(template, included["range"]) == "tone"
    assert fixes == []
    assert as_saved == []


async def test_a_hover_shows_the_value_at_the_newest_cursor(client: LspClient) -> None:
    await client.initialize(PUSHED, rootUri="file:///work", initializationOptions=NO_SERVER)
    await client.notification("fimble/status", state="ready")
    template = await opened(client, "${selection}")
    code = await client.open("def f():\n    return 1\n", language_id="python")
    code.cursor = len(code.text) - 1
    await client.ask_and_ignore(code)
    about = await asked(client, "hover", template, len(FRONT) + 4)

    assert about["contents"]["kind"] == "markdown"
    assert about["contents"]["value"].startswith("**`${selection}`** · cursor")
    assert (
        "tokens \\(counted by an estimate from above\\)\\, from file\\.py\\:2\\:13"
        in (about["contents"]["value"])
    )
    assert "```text\ndef f():\n    return 1\n```" in about["contents"]["value"]
    assert covered(template, about["range"]) == "${selection}"


async def test_tokens_are_counted_by_the_models_own_tokenizer_once_it_is_known(
    client: LspClient, tmp_path: Path
) -> None:
    """The first hover does not wait for the server; the server gets nothing of the document."""
    (tmp_path / "project").mkdir()
    with StubOllama() as stub:
        await client.initialize(
            PUSHED,
            rootUri=(tmp_path / "project").as_uri(),
            initializationOptions={"ollama": {"endpoint": stub.url}},
        )
        await client.notification("fimble/status", state="ready")
        template = await opened(client, "${repository}")
        shown: list[str] = []
        while not shown or ("estimate" in shown[-1] and len(shown) < 2_000):
            about = await asked(client, "hover", template, len(FRONT) + 4)
            shown.append(about["contents"]["value"])

        assert "counted by an estimate from above" in shown[0]
        assert "counted by the tokenizer of qwen3" in shown[-1].replace("\\", "")
        assert {request.path for request in stub.requests} <= {
            "/api/version",
            "/api/tags",
            "/api/show",
        }


async def test_rules_that_nobody_reviewed_are_not_shown(client: LspClient, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "AGENTS.md").write_text("Obey the repository.", encoding="utf-8")
    await client.initialize(PUSHED, rootUri=project.as_uri(), initializationOptions=NO_SERVER)
    template = await opened(client, "${rules}")
    about = await asked(client, "hover", template, len(FRONT) + 4)

    assert "AGENTS\\.md waits for your review" in about["contents"]["value"]
    assert b"Obey" not in client.stdout


async def test_a_hover_without_a_document_beside_says_how_to_get_a_value(
    client: LspClient,
) -> None:
    await client.initialize({"textDocument": {"inlineCompletion": {}, "hover": {}}})
    template = await opened(client, "${selection}")
    about = await asked(client, "hover", template, len(FRONT) + 4)

    assert about["contents"]["kind"] == "plaintext"
    assert "open a file beside the template" in about["contents"]["value"]


async def test_t15_a_document_of_secrets_is_never_the_one_beside(client: LspClient) -> None:
    await client.initialize(PUSHED)
    await client.notification("fimble/status", state="ready")
    template = await opened(client, "${selection}")
    secret = await client.open("TOKEN=hunter2", uri="file:///work/.env", language_id="plain")
    await client.ask_and_ignore(secret)
    await asked(client, "hover", template, len(FRONT) + 4)
    await client.request(
        "workspace/executeCommand", {"command": "fimble.renderPrompt", "arguments": [URI]}
    )

    assert b"hunter2" not in client.stdout


async def test_code_in_a_value_cannot_leave_its_fence(client: LspClient) -> None:
    await client.initialize(PUSHED)
    await client.notification("fimble/status", state="ready")
    template = await opened(client, "${selection}")
    hostile = "````\n[x](command:run)\u202e\x1b]8;;http://h\x07"
    await client.open(hostile, language_id="plain")
    about = await asked(client, "hover", template, len(FRONT) + 4)
    value = about["contents"]["value"]

    assert "```text\n````\n```" in value
    assert not {"\u202e", "\x1b", "\x07"} & set(value)


async def test_fixes_are_what_the_checker_proposes(client: LspClient) -> None:
    await client.initialize(PUSHED)
    buffer = await opened(client, "${selectoin} ${pth}")
    actions = await _fixes(client, buffer, **_everything(buffer))
    [edit] = actions[0]["edit"]["changes"][URI]
    place = {"start": buffer.position(len(FRONT) + 14), "end": buffer.position(len(FRONT) + 14)}
    context: dict[str, Any] = {"diagnostics": [], "only": ["refactor"]}
    none = await _fixes(client, buffer, range=place, context=context)
    one = await _fixes(client, buffer, range=place, context={"diagnostics": []})

    assert [action["title"] for action in actions] == [
        "Change to `${selection}`",
        "Change to `${path}`",
    ]
    assert (edit["newText"], covered(buffer, edit["range"])) == ("${selection}", "${selectoin}")
    assert [action["kind"] for action in one] == ["quickfix"]
    assert none == []


async def _rendered(client: LspClient, *arguments: object) -> dict[str, Any]:
    return await client.request(
        "workspace/executeCommand", {"command": "fimble.renderPrompt", "arguments": arguments}
    )


async def test_the_lens_renders_the_prompt_at_the_newest_cursor(client: LspClient) -> None:
    await client.initialize(PUSHED, rootUri="file:///work", initializationOptions=NO_SERVER)
    await client.notification("fimble/status", state="ready")
    front = FRONT.replace("---\n", "---\noptional: [rules]\n", 1)
    template = await opened(
        client, "${rules}\n\n[[system]]\nCareful.\n\n[[user]]\n${selection}\n${diff}", front=front
    )
    await client.open("def f(): pass", language_id="python")
    [lens] = await asked(client, "codeLens", template)
    answer = await _rendered(client, *lens["command"]["arguments"])
    result = answer["result"]

    assert lens["command"]["title"] == "Render here"
    assert result["prompt"] == "[[system]]\nCareful.\n\n[[user]]\ndef f(): pass\n⟨diff⟩\n"
    assert result["at"] == "file.py:1:1"
    assert (result["dropped"], result["standIns"], result["uri"]) == (["rules"], ["diff"], None)
    assert result["text"].startswith("chat/example at file.py:1:1: ")
    assert client.requests == []


async def test_a_broken_template_is_refused_with_its_first_problem(client: LspClient) -> None:
    await client.initialize(PUSHED)
    await opened(client, "${pth}")
    error = (await _rendered(client, URI))["error"]

    assert error["code"] == -32803
    assert "7:1: There is no variable `${pth}`. Did you mean `path`?" in error["message"]


@pytest.mark.parametrize("arguments", [[], [1], [{}], ["file:///work/file.py"], [{"uri": None}]])
async def test_wrong_arguments_are_refused(client: LspClient, arguments: list[object]) -> None:
    await client.initialize(PUSHED)

    assert (await _rendered(client, *arguments))["error"]["code"] == -32602


async def test_a_client_that_shows_texts_of_servers_is_shown_the_prompt(client: LspClient) -> None:
    capabilities: dict[str, Any] = {
        "workspace": {"textDocumentContent": {}},
        "window": {"showDocument": {"support": True}},
    }
    offered = await client.initialize(capabilities)
    await opened(client, "Hello.")
    first = (await _rendered(client, URI))["result"]
    await _rendered(client, {"uri": URI, "inputs": {}})
    await client.until(lambda: len(client.requests) > 2, "requests to show")
    shown = await client.request("workspace/textDocumentContent", {"uri": first["uri"]})

    assert offered["workspace"] == {
        "textDocumentContent": {"schemes": ["fimble-prompt", "fimble-answer"]}
    }
    assert first["uri"] == "fimble-prompt:/chat/example.txt"
    assert sorted(each["method"] for each in client.requests) == [
        "window/showDocument",
        "window/showDocument",
        "workspace/textDocumentContent/refresh",
    ]
    assert shown["result"]["text"] == first["text"]


async def test_inputs_are_given_with_the_command(client: LspClient) -> None:
    await client.initialize(PUSHED)
    front = FRONT.replace("---\n", "---\ninputs: {depth: {type: integer}}\n", 1)
    await opened(client, "${inputs.depth}", front=front)
    given = await _rendered(client, {"uri": URI, "inputs": {"depth": "7"}})
    missing = await _rendered(client, URI)
    wrong = await _rendered(client, {"uri": URI, "inputs": {"depth": "deep"}})

    assert given["result"]["prompt"] == "[[user]]\n7\n"
    assert missing["result"]["standIns"] == ["inputs.depth"]
    assert "must be of type integer" in wrong["error"]["message"]
