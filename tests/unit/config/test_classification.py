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
        RepositoryRule.ONCE_TRUSTED: object,
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
        ("completion.debounce_ms", "0"),
        ("completion.temperature", "2"),
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


ONCE_TRUSTED = [
    ("completion.layout", '"psm"', "psm"),
    ("completion.logprob_gate", "-20", -20),
    ("embedded.confidence", "0", 0),
]


@pytest.mark.parametrize(("name", "value", "effective"), ONCE_TRUSTED)
def test_t04_a_value_that_nobody_reviewed_is_withheld_and_named(tmp_path, name, value, effective):
    path = tmp_path / "config.toml"
    path.write_text(_toml(name, value))

    for is_trusted in (None, lambda *_: False):
        loaded = load_settings(SettingSources(repository_file=path, is_trusted=is_trusted))
        assert loaded.settings == load_settings(SettingSources()).settings
        assert [(key, str(origin)) for key, origin in loaded.withheld] == [(name, f"{path}:2")]
        assert loaded.errors == ()

    asked = []
    loaded = load_settings(
        SettingSources(repository_file=path, is_trusted=lambda *given: asked.append(given) or True)
    )
    section, _, field = name.partition(".")
    assert getattr(getattr(loaded.settings, section), field) == effective
    assert asked == [(name, effective)]
    assert (loaded.withheld, str(loaded.origins[name][-1])) == ((), f"{path}:2")


def test_t04_what_waits_for_review_is_exactly_this():
    rule = RepositoryRule.ONCE_TRUSTED

    assert [name for name, is_rule in REPOSITORY_RULES.items() if is_rule is rule] == [
        name for name, _, _ in ONCE_TRUSTED
    ]
