"""An editor that runs actions: it answers what the server asks and keeps the edits it gets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from support.chatting import conversing
from support.lsp_buffer import EditorBuffer
from support.lsp_client import GHOST_TEXT, Json, LspClient, running_server
from support.stub_ollama import Script, StubOllama, Timing

REAL_SERVER: Final = (
    "-c",
    "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())",
)

FULL: Final[Json] = {
    **GHOST_TEXT,
    "textDocument": {
        **GHOST_TEXT["textDocument"],
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
    },
    "workspace": {
        "applyEdit": True,
        "executeCommand": {},
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create"],
            "changeAnnotationSupport": {},
        },
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}
"""An editor that can all that an action may want, but show texts of servers."""

CONTENT: Final[Json] = {
    **FULL,
    "workspace": {**FULL["workspace"], "textDocumentContent": {"dynamicRegistration": True}},
}
"""One that shows these as well, as VS Code does."""


CODE: Final = """\
import os


def total(items):
    return sum(item.price for item in items)


def name():
    return os.name
"""
TOTAL: Final = CODE.index("return sum")
BETTER: Final = "def total(items):\n    return sum(item.net for item in items)"
SLOW: Final = Timing(per_generated_token_s=0.02)


def without(capabilities: Json, *path: str) -> Json:
    """Return capabilities without the one at `path`."""
    name, *rest = path
    if rest:
        return {**capabilities, name: without(capabilities[name], *rest)}
    return {key: value for key, value in capabilities.items() if key != name}


def fenced(code: str, language: str = "python") -> str:
    """Return an answer as the templates ask for it."""
    return f"````{language}\n{code}\n````"


@dataclass
class ActingEditor:
    """A client whose server asks a stub of Ollama."""

    client: LspClient
    stub: StubOllama
    workspace: Path
    home: Path
    edits: list[Json] = field(default_factory=list[Json])
    """Parameters of `workspace/applyEdit`, in order."""
    shown: list[str] = field(default_factory=list[str])
    """Names of the documents that were shown."""
    accepts: bool = True
    """Whether the user confirms edits."""
    ended: bool = False
    """Whether the test has ended the server itself."""

    def __post_init__(self) -> None:
        """Answer what servers ask."""
        self.client.answering |= {
            "workspace/applyEdit": self._apply,
            "window/showDocument": self._show,
            "window/workDoneProgress/create": lambda _: None,
            "client/registerCapability": lambda _: None,
            "workspace/textDocumentContent/refresh": lambda _: None,
        }

    def _apply(self, params: Json) -> Json:
        self.edits.append(params)
        return {"applied": self.accepts}

    def _show(self, params: Json) -> Json:
        self.shown.append(params["uri"])
        return {"success": True}

    async def open(
        self, text: str, name: str = "shop.py", language: str = "python"
    ) -> EditorBuffer:
        """Write a file into the workspace and open it."""
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return await self.client.open(text, uri=path.as_uri(), language_id=language)

    def argument(self, buffer: EditorBuffer, start: int, end: int, **more: object) -> Json:
        """Return a command's argument for characters of a document."""
        span = {"start": buffer.position(start), "end": buffer.position(end)}
        return {"uri": buffer.uri, "version": buffer.version, "range": span, **more}

    async def begin(self, command: str, argument: Json, token: str | None = None) -> int | str:
        """Run a command; returns the request's id."""
        params: Json = {"command": command, "arguments": [argument]}
        if token is not None:
            params["workDoneToken"] = token
        return await self.client.begin("workspace/executeCommand", params)

    async def run(self, command: str, argument: Json) -> Json:
        """Run a command, follow it to its end, and return the answer."""
        id_ = await self.begin(command, argument, token=f"token-{self.client.next_id()}")
        return await self.client.answer(id_)

    async def actions(
        self, buffer: EditorBuffer, start: int, end: int, **context: object
    ) -> list[Json]:
        """Return the menu at some characters of a document."""
        answer = await self.client.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": buffer.uri},
                "range": {"start": buffer.position(start), "end": buffer.position(end)},
                "context": {"diagnostics": [], **context},
            },
        )
        return answer["result"]

    def messages(self) -> list[str]:
        """Return what was told by `window/showMessage`."""
        return [
            each["params"]["message"]
            for each in self.client.notifications
            if each["method"] == "window/showMessage"
        ]

    def progress(self) -> list[Json]:
        """Return the values of all `$/progress`, in order."""
        return [
            each["params"]["value"]
            for each in self.client.notifications
            if each["method"] == "$/progress"
        ]


def edited(text: str, edits: list[Json]) -> str:
    """Return an ASCII text after text edits of LSP."""
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines) + 1)]

    def offset(place: Mapping[str, int]) -> int:
        return starts[place["line"]] + place["character"]

    for each in sorted(edits, key=lambda it: offset(it["range"]["start"]), reverse=True):
        start, end = offset(each["range"]["start"]), offset(each["range"]["end"])
        text = text[:start] + each["newText"] + text[end:]
    return text


@asynccontextmanager
async def acting(
    folder: Path,
    replies: Mapping[str, str] | Callable[[str], str],
    capabilities: Json | None = None,
    *,
    timing: Timing | None = None,
    options: Mapping[str, object] | None = None,
    state: str = "ready",
) -> AsyncGenerator[ActingEditor]:
    """Hold an editor whose model answers each question with a reply (see `conversing`)."""
    workspace, home = folder / "workspace", folder / "home"
    workspace.mkdir(exist_ok=True)
    home.mkdir(exist_ok=True)
    ollama = dict(cast("Mapping[str, object]", (options or {}).get("ollama", {})))
    script = Script(answer=conversing(replies), timing=timing or Timing())
    with StubOllama(script) as stub:
        environment = {"XDG_CACHE_HOME": str(home / ".cache")}
        async with running_server(REAL_SERVER, home=home, environment=environment) as client:
            editor = ActingEditor(client, stub, workspace, home)
            await client.initialize(
                FULL if capabilities is None else capabilities,
                workspaceFolders=[{"uri": workspace.as_uri(), "name": "workspace"}],
                initializationOptions={
                    "engine": {"kind": "ollama"},
                    **(options or {}),
                    "ollama": {"endpoint": stub.url, **ollama},
                },
            )
            await client.notification("fimble/status", state=state)
            yield editor
            assert editor.ended or await client.shut_down() == 0
            assert client.stderr == b"", client.stderr.decode()


def replying(code: str) -> Callable[[str], str]:
    """A model that answers everything with one block of code."""
    return lambda _: fenced(code)


async def fix(editor: ActingEditor, **more: object) -> Json:
    """Open the code, have `total` fixed, and return the answer of the followed command."""
    buffer = await editor.open(CODE)
    return await editor.run("fimble.fix", editor.argument(buffer, TOTAL, TOTAL, **more))
