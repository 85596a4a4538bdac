"""Which file names are refused, and which only look as if they should be (security T15)."""

from __future__ import annotations

import pytest

from fimble.policy.secrets import is_secret_path

SECRET = [
    ".env", ".ENV", "app/.env.production", ".envrc", "prod.env", "a/b/.Env.Local",
    ".ssh/config", "home/.SSH/known_hosts", ".aws/credentials", ".aws/config", ".kube/config",
    ".docker/config.json", ".gnupg/pubring.kbx", ".config/gcloud/active_config",
    ".config/gh/hosts.yml", "id_rsa", "keys/id_ed25519.pub", "server.pem", "SERVER.PEM",
    "tls/server.key", "cert.p12", "cert.pfx", "app.keystore", "vault.kdbx", ".netrc", ".pgpass",
    ".npmrc", ".pypirc", ".git-credentials", ".htpasswd", "terraform.tfstate",
    "terraform.tfstate.backup", "prod.tfvars", "secrets.yml", "config/Secrets.YAML",
    "credentials.json", "client_secret_123.json", "service-account-prod.json", "kubeconfig",
    "my_passwords.txt", "api_key.txt", "db-credentials.xml", ".bash_history", "master.key",
    "secrets/production.yml", "C:\\Users\\me\\.ssh\\id_rsa", ".env ", ".env.", ".env::$DATA",
    "./a//.env", "application_default_credentials.json", "wp-config.php",
]  # fmt: skip

PLAIN = [
    "", ".", "main.py", "environment.py", "env.py", "src/env/loader.ts", ".env.example",
    ".env.sample", "core/fimble/policy/secrets.py", "tests/test_secrets.py",
    "src/secrets/store.py", "PasswordField.tsx", "password_reset.html", "credentials.py",
    "keyboard.py", "monkey.go", "README.md", "ssh/config.py", "docker/compose.yml",
    "docs/secrets.md", "key.ts", "public.css",
]  # fmt: skip


@pytest.mark.parametrize("path", SECRET)
def test_t15_a_secret_file_is_refused(path):
    assert is_secret_path(path)


@pytest.mark.parametrize("path", SECRET)
def test_t15_case_does_not_matter(path):
    assert is_secret_path(path.upper())
    assert is_secret_path(path.lower())


@pytest.mark.parametrize("path", PLAIN)
def test_code_and_examples_are_not_refused(path):
    assert not is_secret_path(path)
