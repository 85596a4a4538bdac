"""Ghost text, the menu for clients without it, capabilities, status and settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.lsp_client import GHOST_TEXT, LspClient


@pytest.mark.parametrize(
    ("capabilities", "ghost", "encoding"),
    [
        ({}, False, "utf-16"),
        ({"textDocument": {}}, False, "utf-16"),
        ({"textDocument": {"completion": {"contextSupport": True}}}, False, "utf-16"),
        ({"textDocument": {"inlineCompletion": {}}}, True, "utf-16"),
        (GHOST_TEXT, True, "utf-16"),
        ({"textDocument": {"inlineCompletion": None}}, False, "utf-16"),
        ({"general": {}}, False, "utf-16"),
        ({"general": {"positionEncodings": []}}, False, "utf-16"),
        ({"general": {"positionEncodings": ["utf-8", "utf-16"]}}, False, "utf-8"),
        ({"general": {"positionEncodings": ["utf-32", "utf-8"]}}, False, "utf-32"),
        ({"general": {"positionEncodings": ["utf-16", "utf-8"]}}, False, "utf-16"),
        ({"general": {"positionEncodings": ["ebcdic"]}}, False, "utf-16"),
    ],
)
async def test_a_client_is_offered_ghost_text_or_the_menu_but_never_both(
    client: LspClient, capabilities: dict[str, Any], ghost: bool, encoding: str
) -> None:
    offered = await client.initialize(capabilities)

    assert ("inlineCompletionProvider" in offered) is ghost
    assert ("completionProvider" in offered) is not ghost
    assert offered["positionEncoding"] == encoding
    assert offered["textDocumentSync"] == {
        "openClose": True,
        "change": 2,
        "save": {"includeText": False},
    }
    assert len(offered) == 3


async def test_the_server_names_itself_and_its_version(client: LspClient) -> None:
    from importlib.metadata import version  # noqa: PLC0415

    answer = await client.request("initialize", {"processId": None, "capabilities": {}})

    assert answer["result"]["serverInfo"] == {"name": "fimble", "version": version("fimble")}


@pytest.mark.parametrize(("kind", "trigger"), [(1, "invoked"), (2, "automatic")])
async def test_a_key_pressed_for_it_is_told_from_typing(
    editor: LspClient, kind: int, trigger: str
) -> None:
    buffer = await editor.open("", language_id="trigger")

    assert [item["insertText"] for item in await editor.ghost(buffer, trigger_kind=kind)] == [
        trigger
    ]


async def test_typing_a_line_and_accepting_gives_the_expected_text(editor: LspClient) -> None:
    buffer = await editor.open("def f():\r\n", language_id="plain")
    for key in "\treturn ":
        await editor.type(buffer, key)
        [item] = await editor.ghost(buffer)
    await editor.change(buffer, buffer.accept(item))

    assert buffer.text == "def f():\r\n\treturn completed"


async def _menu(client: LspClient, buffer: Any, kind: int = 1) -> dict[str, Any]:
    answer = await client.request(
        "textDocument/completion",
        {
            "textDocument": {"uri": buffer.uri},
            "position": buffer.position(buffer.cursor),
            "context": {"triggerKind": kind},
        },
    )
    return answer["result"]


async def test_the_menu_entry_carries_the_word_that_it_is_filtered_by(client: LspClient) -> None:
    """Menus drop entries that do not begin with the word before the cursor."""
    await client.initialize({})
    buffer = await client.open("x = 𝒳\nresult = not_", language_id="plain")
    menu = await _menu(client, buffer)
    [item] = menu["items"]
    await client.change(buffer, buffer.accept_menu(item))

    assert menu["isIncomplete"] is True
    assert item["label"] == "not_completed"
    assert item["filterText"] == "not_completed"
    assert item["detail"] == "Fimble (script)"
    assert buffer.text == "x = 𝒳\nresult = not_completed"


async def test_the_menu_entry_replaces_what_ghost_text_would(client: LspClient) -> None:
    await client.initialize({})
    buffer = await client.open("f(ab𝒳)", language_id="rest")
    buffer.cursor = 3
    [item] = (await _menu(client, buffer))["items"]
    await client.change(buffer, buffer.accept_menu(item))

    assert buffer.text == "f(aB𝒳)"


@pytest.mark.parametrize(
    ("text", "kind", "trigger"),
    [
        ("return ", 1, "invoked"),
        ("retur", 1, "automatic"),
        ("x.", 2, "automatic"),
        ("x.y", 3, "automatic"),
    ],
)
async def test_the_menus_kinds_of_trigger_are_understood(
    client: LspClient, text: str, kind: int, trigger: str
) -> None:
    await client.initialize({})
    buffer = await client.open(text, language_id="trigger")
    [item] = (await _menu(client, buffer, kind))["items"]

    assert item["textEdit"]["newText"].endswith(trigger)


async def test_nothing_is_sent_before_initialized_and_then_only_changes(client: LspClient) -> None:
    await client.request("initialize", {"processId": None, "capabilities": GHOST_TEXT})
    await client.settle()
    before = list(client.notifications)
    await client.notify("initialized", {})
    await client.notification("fimble/status", state="ready")
    states = [message["params"]["state"] for message in client.notifications]

    assert before == []
    assert states == ["starting", "ready"]
    assert client.notifications[-1]["params"] == {
        "state": "ready",
        "engine": "script",
        "model": "qwen3.6:27b",
        "message": "",
        "bytes": 0,
    }


async def test_a_request_that_comes_before_the_engines_is_answered(client: LspClient) -> None:
    await client.request("initialize", {"processId": None, "capabilities": GHOST_TEXT})
    await client.notify("initialized", {})
    buffer = await client.open("", language_id="plain")

    assert [item["insertText"] for item in await client.ghost(buffer)] == ["completed"]


@pytest.mark.parametrize("wrapped", [True, False])
async def test_settings_come_with_initialize(client: LspClient, wrapped: bool) -> None:
    options = {"ollama": {"model": "tiny"}}
    await client.initialize(
        initializationOptions={"fimble": options} if wrapped else options,
        workspaceFolders=[{"uri": "file:///work/a%20b", "name": "a b"}],
    )

    status = await client.notification("fimble/status", state="ready")
    assert status["model"] == "tiny"
    assert status["message"] == str(Path("/work/a b"))


async def test_folders_come_and_go(client: LspClient) -> None:
    first = {"uri": "file:///work/a", "name": "a"}
    second = {"uri": "file:///work/b", "name": "b"}
    answer = await client.initialize(
        {**GHOST_TEXT, "workspace": {"workspaceFolders": True}}, workspaceFolders=[first]
    )
    offered = answer["workspace"]["workspaceFolders"]
    assert offered == {"supported": True, "changeNotifications": True}
    await client.notification("fimble/status", message=str(Path("/work/a")))

    event = {"added": [second, {"uri": "untitled:c", "name": "c"}], "removed": [first]}
    await client.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    await client.notification("fimble/status", message=str(Path("/work/b")))


async def test_folders_keep_the_editors_settings(editor: LspClient) -> None:
    changed = {"settings": {"fimble": {"ollama": {"model": "tiny"}}}}
    await editor.notify("workspace/didChangeConfiguration", changed)
    await editor.notification("fimble/status", model="tiny")
    event = {"added": [{"uri": "file:///work/b", "name": "b"}], "removed": []}
    await editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    status = await editor.notification("fimble/status", message=str(Path("/work/b")))
    assert status["model"] == "tiny"


async def test_settings_change_while_running(editor: LspClient) -> None:
    await editor.notify(
        "workspace/didChangeConfiguration", {"settings": {"fimble": {"ollama": {"model": "tiny"}}}}
    )
    await editor.notification("fimble/status", model="tiny")
    await editor.notification("fimble/status", message="closed")
    buffer = await editor.open("", language_id="plain")

    assert len(await editor.ghost(buffer)) == 1


async def test_a_client_without_options_is_asked_for_its_settings_at_the_start(
    client: LspClient,
) -> None:
    """As Neovim and eglot have it, whose settings come by `workspace/configuration` alone."""
    client.answering["workspace/configuration"] = lambda _: [{"ollama": {"model": "tiny"}}]
    client.answering["client/registerCapability"] = lambda _: None
    changing = {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}
    await client.initialize({**GHOST_TEXT, "workspace": changing})

    status = await client.notification("fimble/status", state="ready")
    assert status["model"] == "tiny"
    [registration] = [each for each in client.requests if "register" in each["method"]]
    [wanted] = registration["params"]["registrations"]
    assert wanted["method"] == "workspace/didChangeConfiguration"
    assert wanted["registerOptions"] == {"section": "fimble"}


@pytest.mark.parametrize("settings", [None, [], [None], ["x"], {}])
async def test_a_client_that_has_no_settings_is_served(client: LspClient, settings: object) -> None:
    client.answering["workspace/configuration"] = lambda _: settings
    await client.initialize({**GHOST_TEXT, "workspace": {"configuration": True}})
    status = await client.notification("fimble/status", state="ready")

    assert status["model"] == "qwen3.6:27b"


async def test_a_client_that_brings_settings_is_neither_asked_nor_registered_with(
    client: LspClient,
) -> None:
    changing = {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}
    await client.initialize({**GHOST_TEXT, "workspace": changing}, initializationOptions={})
    await client.notification("fimble/status", state="ready")
    await client.settle()

    assert client.requests == []


async def test_files_that_change_outside_are_read_again(client: LspClient) -> None:
    client.answering["client/registerCapability"] = lambda _: None
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    await client.initialize({**GHOST_TEXT, "workspace": watching})
    await client.until(lambda: client.requests, "the registration")
    [wanted] = client.requests[0]["params"]["registrations"]
    [watcher] = wanted["registerOptions"]["watchers"]
    await client.open("x", uri="file:///work/open.py", language_id="plain")
    uris = ["file:///work/a%20b.py", "file:///work/open.py", "untitled:x", "file:///work/a%20b.py"]
    changes = [{"uri": uri, "type": kind} for uri, kind in zip(uris, (1, 2, 2, 3), strict=True)]
    await client.notify("workspace/didChangeWatchedFiles", {"changes": changes})

    await client.notification("fimble/status", message="changed /work/a b.py")
    assert wanted["method"] == "workspace/didChangeWatchedFiles"
    assert watcher["globPattern"].startswith("**/*.{")
    assert {"py", "ts", "rs"} <= set(watcher["globPattern"][6:-1].split(","))


async def test_a_client_that_never_answers_a_registration_is_served(client: LspClient) -> None:
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    await client.initialize({**GHOST_TEXT, "workspace": watching})
    await client.until(lambda: client.requests, "the registration")
    buffer = await client.open("", language_id="plain")

    assert len(await client.ghost(buffer)) == 1
    assert await client.shut_down() == 0
    assert client.stderr == b""


async def test_a_client_that_watches_nothing_is_not_asked_to(editor: LspClient) -> None:
    await editor.settle()

    assert editor.requests == []


async def test_a_client_that_only_says_that_settings_changed_is_asked(client: LspClient) -> None:
    options: dict[str, object] = {}
    await client.initialize(
        {**GHOST_TEXT, "workspace": {"configuration": True}}, initializationOptions=options
    )
    await client.notification("fimble/status", state="ready")
    await client.notify("workspace/didChangeConfiguration", {"settings": None})
    await client.until(lambda: client.requests, "a request for the settings")
    [asked] = client.requests
    await client.send(
        {"jsonrpc": "2.0", "id": asked["id"], "result": [{"ollama": {"model": "tiny"}}]}
    )

    assert asked["method"] == "workspace/configuration"
    assert asked["params"] == {"items": [{"section": "fimble"}]}
    assert (await client.notification("fimble/status", model="tiny"))["state"] == "ready"


async def test_a_client_that_refuses_to_tell_its_settings_is_served(client: LspClient) -> None:
    options: dict[str, object] = {}
    await client.initialize(
        {**GHOST_TEXT, "workspace": {"configuration": True}}, initializationOptions=options
    )
    await client.notification("fimble/status", state="ready")
    await client.notify("workspace/didChangeConfiguration", {"settings": None})
    await client.until(lambda: client.requests, "a request for the settings")
    error = {"code": -32601, "message": "no"}
    await client.send({"jsonrpc": "2.0", "id": client.requests[0]["id"], "error": error})
    buffer = await client.open("", language_id="plain")

    assert len(await client.ghost(buffer)) == 1


async def test_a_mistake_in_the_settings_is_told_once_in_the_status(client: LspClient) -> None:
    await client.initialize(initializationOptions={"ollama": {"modle": "tiny"}})
    status = await client.notification("fimble/status", state="ready")
    wrong = {"settings": {"ollama": {"model": 5}}}
    await client.notify("workspace/didChangeConfiguration", wrong)
    await client.until(
        lambda: "not 5" in client.notifications[-1]["params"]["message"], "the mistake"
    )
    told = len(client.notifications)
    await client.notify("workspace/didChangeConfiguration", wrong)
    good = {"settings": {"ollama": {"model": "tiny"}}}
    await client.notify("workspace/didChangeConfiguration", good)
    await client.notification("fimble/status", model="tiny", message="")

    assert "ollama.modle" in status["message"]
    assert client.notifications[told]["params"]["message"] == ""
    assert {message["method"] for message in client.notifications} == {"fimble/status"}
    assert not client.requests


async def test_a_model_that_is_refused_is_a_status_and_completions_are_empty(
    client: LspClient,
) -> None:
    await client.initialize(initializationOptions={"ollama": {"model": "remote"}})
    status = await client.notification("fimble/status", state="failing")
    buffer = await client.open("", language_id="plain")

    assert status["message"] == "The model is not on this machine. Choose another."
    assert await client.ghost(buffer) == []


@pytest.mark.parametrize(
    "completion", [{"enabled": False}, {"disabledLanguages": ["other", "plain"]}]
)
async def test_completions_can_be_switched_off(
    client: LspClient, completion: dict[str, object]
) -> None:
    await client.initialize(initializationOptions={"completion": completion})
    buffer = await client.open("", language_id="plain")

    assert await client.ghost(buffer) == []
