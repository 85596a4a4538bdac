"""What all of `fimble prompts` shares: where templates are taken from, and how paths are shown."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from fimble.config.load import workspace_root
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import FimbleError, TemplateError
from fimble.policy.control_tokens import neutralise
from fimble.prompt_files.layers import PromptLayers, repository_folder
from fimble.prompting.catalogue import PromptEntry, PromptSource
from fimble.prompting.guards import CountTokens
from fimble.prompting.render import Renderer
from fimble.trust.granted import trust_of
from fimble.trust.pins import WorkspaceTrust
from fimble_cli.usage import UsageError

COUNTED = "estimated from above; the model's own tokenizer may count fewer"
"""What the token figures are, said wherever they are shown."""


def add_layer_options(parser: ArgumentParser) -> None:
    """Declare where templates may come from."""
    parser.add_argument("--workspace", metavar="DIR", help="the workspace (default: here)")
    parser.add_argument(
        "--trust-workspace",
        action="store_true",
        help="use all of the workspace's own prompts and AGENTS.md, reviewed or not (see "
        "`fimble trust`)",
    )
    parser.add_argument("--prompt", metavar="FILE", help="use this template above all others")
    add_json_option(parser)


def add_json_option(parser: ArgumentParser) -> None:
    """Declare `--json`."""
    parser.add_argument("--json", action="store_true", help="print as JSON")


def workspace_of(arguments: Namespace, path: Path | None = None) -> Path:
    """Return the workspace that is named, or that of `path`, or that of the current folder."""
    named = getattr(arguments, "workspace", None)
    if named is None:
        return workspace_root(path or Path())
    folder = Path(str(named)).absolute()
    if not folder.is_dir():
        raise UsageError(f"there is no folder {named}.")
    return folder


def layers_for(arguments: Namespace, path: Path | None = None) -> PromptLayers:
    """Return the layers that the arguments ask for.

    Raises:
        TrustError: What the user reviewed cannot be read.
    """
    workspace = workspace_of(arguments, path)
    vouched = bool(arguments.trust_workspace)
    trust = WorkspaceTrust(everything=True) if vouched else trust_of(workspace)
    return PromptLayers(
        workspace=workspace,
        allows=trust.allows if trust.granted else None,
        file=Path(str(arguments.prompt)) if arguments.prompt else None,
    )


def chain_of(name: str, layers: PromptLayers) -> tuple[PromptEntry, ...]:
    """Return the templates that a name means, the winner first.

    Raises:
        FimbleError: There is none; it says so when one waits for the user's review.
    """
    try:
        return layers.catalogue().chain(name)
    except FimbleError:
        for source in unreviewed(name, layers):
            raise FimbleError(
                f"`{name[:80]}` waits for your review in {shown_path(source.origin)}: "
                "run `fimble trust`."
            ) from None
        raise


def unreviewed(name: str, layers: PromptLayers) -> Iterator[PromptSource]:
    """Yield the workspace's templates of a name that nobody has reviewed yet."""
    counting = {source.origin for source in layers.sources()}
    for source in repository_folder(layers.workspace).prompts():
        full = f"{source.kind.value}/{source.name}" if source.kind else source.name
        if name in (full, source.name) and source.origin not in counting:
            yield source


def renderer(count_tokens: CountTokens | None = None) -> Renderer:
    """Return a renderer; without a counter of its own it estimates, asking no model server."""
    return Renderer(neutralise=neutralise, count_tokens=count_tokens or TokenEstimator().count)


def shown_path(origin: str | Path) -> str:
    """Return a path as it is shortest from here; what is no path comes back as it is."""
    path = Path(origin)
    if not path.is_absolute():
        return str(origin)
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(origin)


def shown_error(error: FimbleError) -> str:
    """Return an error with the path in front of it shortened."""
    if not isinstance(error, TemplateError):
        return str(error)
    return str(error).replace(error.source, shown_path(error.source), 1)


def pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """Return what was given as NAME=VALUE; raises `UsageError` for anything else."""
    found: dict[str, str] = {}
    for each in given or ():
        name, separator, value = each.partition("=")
        if not separator or not name:
            raise UsageError(f'"{each}" is no NAME=VALUE.', hint=f"Write {option} name=value.")
        found[name] = value
    return found


def counted(number: int, thing: str) -> str:
    """Return `1 case`, `2 cases`, `0 cases`; for words whose plural is an `s` more."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def standard_input() -> str:
    """Return what is piped in, decoded as files are."""
    if sys.stdin.isatty():
        raise UsageError("nothing is piped in.", hint="Write for instance: git diff | fimble …")
    return sys.stdin.buffer.read(_MAX_INPUT_BYTES).decode("utf-8", "replace")


_MAX_INPUT_BYTES = 8_000_000
