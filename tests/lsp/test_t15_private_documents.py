"""T15 in the server: a document that holds secrets is neither completed nor learned from."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.lsp_client import LspClient


@pytest.mark.parametrize(
    "uri",
    [
        "file:///work/.env",
        "file:///work/.ENV.local",
        "file:///home/user/.ssh/config",
        "file:///work/%2Eenv",
        "file:///c%3A/work/id_rsa",
        "untitled:.env",
        "vscode-remote://host/work/.env",
    ],
)
async def test_t15_a_file_of_secrets_is_not_completed(editor: LspClient, uri: str) -> None:
    buffer = await editor.open("TOKEN=", uri=uri, language_id="plain")

    assert await editor.ghost(buffer) == []


async def test_t15_a_link_to_a_file_of_secrets_is_not_completed(
    editor: LspClient, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("TOKEN=1", encoding="utf-8")
    (tmp_path / "notes.md").symlink_to(tmp_path / ".env")
    buffer = await editor.open("T", uri=(tmp_path / "notes.md").as_uri(), language_id="plain")

    assert await editor.ghost(buffer) == []


async def test_t15_a_secret_document_is_not_even_told_to_the_completer(editor: LspClient) -> None:
    """`late` answers go at the next change of any document that the completer hears of."""
    waiting = await editor.open("", language_id="late")
    params = editor.inline_params(waiting)
    asked = await editor.begin("textDocument/inlineCompletion", params)
    await editor.notification("fimble/status", message="waiting")
    secret = await editor.open("", uri="file:///work/.env", language_id="plain")
    await editor.type(secret, "TOKEN=1")
    await editor.settle()

    assert not editor.answers_to(asked)


async def test_t15_ignored_files_are_not_completed(client: LspClient) -> None:
    await client.initialize(
        initializationOptions={"completion": {"ignore": ["generated/", "*.min.js"]}},
        workspaceFolders=[{"uri": "file:///work/project", "name": "project"}],
    )
    shown = {
        name: await client.ghost(
            await client.open("", uri=f"file:///work/{name}", language_id="plain")
        )
        != []
        for name in (
            "project/a.py",
            "project/generated/a.py",
            "project/lib/x.min.js",
            "elsewhere/generated/a.py",
        )
    }

    assert shown == {
        "project/a.py": True,
        "project/generated/a.py": False,
        "project/lib/x.min.js": False,
        "elsewhere/generated/a.py": True,
    }
