"""Which files hold secrets by their name: the one gate in front of every reader (security T15).

Rules look at names only, whatever their case, in any directory, with either kind of slash. Who
opens a path that somebody named asks `is_secret_file`: for the path as written *and* for the path
it leads to, so that a link named `notes.md` to `.env` is refused as well. Who walks a tree follows
no link and asks `is_secret_path`. `tests/security/test_t15_one_gate.py` lists both. Being wrong
on the safe side costs a little context; being wrong on the other shows a password to a model and
to whoever reads a prompt log.
"""

from __future__ import annotations

import os
import re
from fnmatch import translate
from itertools import pairwise

_DIRECTORIES = frozenset(
    {
        ".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker", ".gcloud", ".oci", ".chef",
        ".password-store", ".secrets", "secrets", ".keychain", ".terraform.d", ".vault",
        ".gpg", ".pki", ".minikube", ".helm", ".1password",
    }
)  # fmt: skip
"""Everything below a directory of this name is secret."""

_DIRECTORY_PAIRS = frozenset({(".config", "gcloud"), (".config", "gh"), (".config", "op")})

_SAFE_NAMES = frozenset(
    {
        ".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults",
        "secrets.py", "secrets.pyi", "credentials.py", "credentials.pyi", "test_secrets.py",
    }
)  # fmt: skip
"""Names that a rule below would catch, but which hold examples or code by convention."""

_CODE_SUFFIXES = (
    ".py", ".pyi", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".go", ".rs",
    ".java", ".kt", ".kts", ".scala", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".rb", ".php",
    ".lua", ".swift", ".dart", ".html", ".css", ".scss", ".md", ".rst",
)  # fmt: skip
"""Source code and prose *about* credentials: the loose rules do not apply to them."""

_ALWAYS = (
    ".env", ".env.*", "*.env", ".envrc", ".netrc", "_netrc", ".pgpass", ".my.cnf", ".mylogin.cnf",
    ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc", ".htpasswd", ".git-credentials",
    ".dockercfg", ".dockerconfigjson", ".boto", ".s3cfg", ".passwd-s3fs", ".vault-token",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*.pem", "*.key", "*.p12", "*.pfx",
    "*.p8", "*.jks", "*.keystore", "*.kdbx", "*.kdb", "*.asc", "*.gpg", "*.pgp", "*.ppk",
    "*.ovpn", "*.agilekeychain", "*.keychain", "*.mobileprovision", "*.tfstate", "*.tfstate.*",
    "*.tfvars", "*.tfvars.json", "kubeconfig", "kubeconfig.*", "*.kubeconfig", "master.key",
    "wp-config.php", "secrets.yml", "secrets.yaml", "secrets.toml", "secrets.json",
    ".bash_history", ".zsh_history", ".python_history", ".node_repl_history", ".psql_history",
    ".mysql_history", ".sqlite_history", "shadow", "gshadow", "service-account*.json",
    "service_account*.json", "client_secret*.json", "gha-creds-*.json", ".rediscli_history",
    "credentials", "credentials.json", ".credentials*", "application_default_credentials.json",
    "*.cer", "*.crt", "*.der", "*.csr", "proxy.conf.secret", ".databrickscfg", ".snowsql",
)  # fmt: skip

_UNLESS_CODE = ("*secret*", "*credential*", "*password*", "*passwd*", "*apikey*", "*api_key*")

_ALWAYS_PATTERN = re.compile("|".join(translate(glob) for glob in _ALWAYS))
_UNLESS_CODE_PATTERN = re.compile("|".join(translate(glob) for glob in _UNLESS_CODE))
_MAX_NAME = 1_024


def is_secret_path(path: str) -> bool:
    r"""Whether the file at `path` must never be read for context, shown or learned from.

    Args:
        path: Absolute or relative, with `/` or `\` between its parts; a `file:` URI's path
            must be decoded first.
    """
    parts = [part.casefold() for part in re.split(r"[/\\]+", path) if part not in ("", ".")]
    if not parts:
        return False
    # Windows ignores blanks and dots at the end of a name, and what follows a colon.
    name = parts[-1].split(":", 1)[0].rstrip(" .")[:_MAX_NAME]
    above = parts[:-1]
    if not _DIRECTORIES.isdisjoint(above) and not _is_code_package(above, name):
        return True
    if any(pair in _DIRECTORY_PAIRS for pair in pairwise(above)):
        return True
    if name in _SAFE_NAMES:
        return False
    if _ALWAYS_PATTERN.match(name):
        return True
    return _UNLESS_CODE_PATTERN.match(name) is not None and not name.endswith(_CODE_SUFFIXES)


def is_secret_file(path: str) -> bool:
    """Whether `path`, or what it leads to through links, must never be read; absolute."""
    if is_secret_path(path):
        return True
    try:
        return is_secret_path(os.path.realpath(path))
    except (OSError, ValueError):
        return True


def _is_code_package(above: list[str], name: str) -> bool:
    """Whether the only secret directory above is a source package named `secrets`."""
    secret = set(_DIRECTORIES.intersection(above))
    return secret == {"secrets"} and name.endswith(_CODE_SUFFIXES)
