"""Files that make something run when they change: never written by one key (security T3).

Editors, hosts and shells execute what stands in them, so an edit there is code execution by an
innocent feature (CVE-2025-53773, CVE-2025-54135 and their like). Compared without regard to case:
CVE-2025-59944 was a protected file spelled in capitals.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

_DIRECTORIES = frozenset(
    {
        ".git", ".hg", ".svn", ".jj", ".github", ".gitlab", ".circleci", ".buildkite", ".vscode",
        ".idea", ".zed", ".cursor", ".windsurf", ".devcontainer", ".fimble", ".husky", ".lefthook",
        ".githooks", ".claude", ".continue", ".cargo", ".config", ".ssh", ".mvn",
    }
)  # fmt: skip
"""Everything below a folder of this name."""

_NAMES = (
    "*.code-workspace", ".gitattributes", ".gitmodules", ".gitconfig", ".gitlab-ci.y*ml",
    ".travis.yml", "azure-pipelines.y*ml", "jenkinsfile*", ".pre-commit-config.y*ml",
    "lefthook.y*ml", ".lefthook.y*ml", ".envrc", ".bashrc", ".bash_profile", ".bash_login",
    ".bash_logout", ".profile", ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".kshrc", ".cshrc",
    ".inputrc", ".vimrc", ".nvimrc", ".exrc", ".nvim.lua", ".dir-locals.el", ".editorconfig",
    "sitecustomize.py", "usercustomize.py", "*.pth", ".npmrc", ".yarnrc*", ".pnpmfile.cjs",
    ".pypirc", "pip.conf", ".mcp.json", "mcp.json", "agents.md", ".tmux.conf", "crontab",
    "authorized_keys", ".direnvrc", ".lldbinit", ".gdbinit",
)  # fmt: skip


def is_protected(relative: str) -> bool:
    """Whether a path inside a workspace, with slashes, names a file that may make things run."""
    parts = relative.casefold().split("/")
    if any(part in _DIRECTORIES for part in parts[:-1]) or parts[-1] in _DIRECTORIES:
        return True
    return any(fnmatchcase(parts[-1], pattern) for pattern in _NAMES)
