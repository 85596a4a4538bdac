"""How a document is called in a prompt: by its path inside its workspace folder, never above."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from fimble.pipeline.hole_renderer import PathNames


class DocumentNames:
    """Names documents for the folders of one workspace."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)

    def names(self, uri: str) -> PathNames:
        """Return the folder's name and the path inside it; a file outside is named alone.

        No part of a path above the workspace enters a prompt: it may hold the user's name.
        """
        path = document_path(uri)
        if path is not None:
            for folder in self.folders:
                if path.is_relative_to(folder):
                    return PathNames(
                        repository=folder.name, path=path.relative_to(folder).as_posix()
                    )
        name = PurePosixPath(unquote(urlsplit(uri).path)).name
        return PathNames(repository="", path=name or "untitled")


def document_path(uri: str) -> Path | None:
    """Return the path of the file that a URI names; None for what is no file."""
    parts = urlsplit(uri)
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else None
