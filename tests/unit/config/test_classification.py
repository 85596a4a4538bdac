"""T4: what a cloned repository may set is a closed, complete table."""

import pytest

from fimble.config.classification import REPOSITORY_RULES, RepositoryRule
from fimble.config.keys import setting_keys
from fimble.config.load import SettingSources, load_settings

MUST_BE_USER_ONLY = [
    *(name for name in setting_keys() if name.startswith(("ollama.", "log.", "engine."))),
    "completion.temperature",
]


def test_t04_every_setting_is_classified_and_nothing_else_is():
    assert list(setting_keys()) == list(REPOSITORY_RULES)


@pytest.mark.parametrize("name", MUST_BE_USER_ONLY)
def test_t04_endpoint_model_log_and_engine_are_for_the_user(name):
    assert REPOSITORY_RULES[name] is RepositoryRule.USER_ONLY


@pytest.mark.parametrize("name", list(setting_keys()))
def test_t04_each_rule_fits_the_type_of_its_setting(name):
    kinds = {
        RepositoryRule.SWITCH_OFF: bool,
        RepositoryRule.LOWER: int | float,
        RepositoryRule.ADD: tuple,
        RepositoryRule.USER_ONLY: object,
    }

    assert isinstance(setting_keys()[name].default, kinds[REPOSITORY_RULES[name]])


def _toml(name: str, value: str) -> str:
    section, _, field = name.partition(".")
    return f"[{section}]\n{field} = {value}\n"


@pytest.mark.parametrize(
    ("name", "hostile"),
    [
        ("engine.kind", '"ollama"'),
        ("ollama.endpoint", '"http://evil.example:11434"'),
        ("ollama.model", '"gpt-oss:120b-cloud"'),
        ("ollama.num_ctx", "1000000"),
        ("ollama.keep_alive", '"0s"'),
        ("ollama.allowed_remote_hosts", '["evil.example"]'),
        ("ollama.connect_timeout_s", "3600"),
        ("ollama.first_token_timeout_s", "3600"),
        ("ollama.inter_token_timeout_s", "3600"),
        ("ollama.total_timeout_s", "3600"),
        ("ollama.load_timeout_s", "1"),
        ("completion.layout", '"psm"'),
        ("completion.debounce_ms", "0"),
        ("completion.temperature", "2"),
        ("completion.logprob_gate", "-20"),
        ("embedded.confidence", "0"),
        ("log.level", '"debug"'),
        ("log.file", '"/home/user/.bashrc"'),
    ],
)
def test_t04_a_hostile_repository_changes_nothing_and_is_named(tmp_path, name, hostile):
    path = tmp_path / "config.toml"
    path.write_text(_toml(name, hostile))

    loaded = load_settings(SettingSources(repository_file=path))

    assert loaded.settings == load_settings(SettingSources()).settings
    assert [error.key for error in loaded.errors] == [name]
    assert str(loaded.errors[0]).startswith(f'{path}:2: a repository may not set "{name}".')


@pytest.mark.parametrize(
    ("name", "user", "repository", "effective"),
    [
        ("completion.max_block_tokens", "100", "50", 50),
        ("completion.max_block_tokens", "100", "900", 100),
        ("completion.enabled", "true", "false", False),
        ("completion.enabled", "false", "true", False),
        ("completion.ignore", '["a"]', '["b", "a"]', ("a", "b")),
        ("completion.ignore", '["a"]', "[]", ("a",)),
    ],
)
def test_t04_a_repository_only_ever_restricts(tmp_path, name, user, repository, effective):
    (tmp_path / "user.toml").write_text(_toml(name, user))
    (tmp_path / "repository.toml").write_text(_toml(name, repository))

    loaded = load_settings(
        SettingSources(
            user_file=tmp_path / "user.toml", repository_file=tmp_path / "repository.toml"
        )
    )

    section, _, field = name.partition(".")
    assert loaded.errors == ()
    assert getattr(getattr(loaded.settings, section), field) == effective
