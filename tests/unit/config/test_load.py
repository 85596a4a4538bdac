"""Layers, origins and messages."""

import os
from pathlib import Path

import pytest

from fimble.config.configuration_file import MAX_FILE_BYTES
from fimble.config.keys import build_settings, did_you_mean, setting_keys
from fimble.config.layers import LayerName
from fimble.config.load import (
    Origin,
    SettingSources,
    load_settings,
    repository_config_file,
    user_config_file,
    workspace_root,
)
from fimble.config.schema import OllamaSettings, Settings


def from_user_file(tmp_path: Path, text: str | bytes):
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_settings(SettingSources(user_file=path))


def messages(tmp_path: Path, text: str | bytes) -> list[str]:
    loaded = from_user_file(tmp_path, text)
    return [str(error).replace(str(tmp_path), "") for error in loaded.errors]


def test_without_sources_everything_is_built_in():
    loaded = load_settings(SettingSources())

    assert loaded.settings == Settings()
    assert set(loaded.origins) == set(setting_keys())
    assert {str(origin) for (origin,) in loaded.origins.values()} == {"built-in"}


def test_every_default_passes_its_own_validation():
    for key in setting_keys().values():
        assert key.validate(key.default) == key.default


def test_each_layer_overrides_the_one_below_and_leaves_its_name(tmp_path):
    user, repository = tmp_path / "user.toml", tmp_path / "repository.toml"
    user.write_text(
        "[completion]\nmax_line_tokens = 60\nmax_block_tokens = 200\n"
        "max_prefix_tokens = 5000\nmax_suffix_tokens = 900\n"
    )
    repository.write_text(
        "[completion]\nmax_block_tokens = 100\nmax_prefix_tokens = 400\nmax_suffix_tokens = 300\n"
    )

    loaded = load_settings(
        SettingSources(
            user_file=user,
            repository_file=repository,
            editor={"completion": {"max_prefix_tokens": 4000, "max_suffix_tokens": 800}},
            command_line=(("completion.max_suffix_tokens", 700),),
        )
    )

    completion = loaded.settings.completion
    assert loaded.errors == ()
    assert completion.max_line_tokens == 60
    assert completion.max_block_tokens == 100
    assert completion.max_prefix_tokens == 4000
    assert completion.max_suffix_tokens == 700
    assert str(loaded.origins["completion.max_line_tokens"][-1]) == f"{user}:2"
    assert str(loaded.origins["completion.max_block_tokens"][-1]) == f"{repository}:2"
    assert str(loaded.origins["completion.max_prefix_tokens"][-1]) == "editor settings"
    assert str(loaded.origins["completion.max_suffix_tokens"][-1]) == "command line"
    assert str(loaded.origins["completion.temperature"][-1]) == "built-in"


def test_a_list_a_repository_adds_to_has_both_origins(tmp_path):
    (tmp_path / "user.toml").write_text('completion.ignore = ["*.secret"]\n')
    (tmp_path / "repository.toml").write_text('[completion]\nignore = ["build/"]\n')

    loaded = load_settings(
        SettingSources(
            user_file=tmp_path / "user.toml", repository_file=tmp_path / "repository.toml"
        )
    )

    assert loaded.settings.completion.ignore == ("*.secret", "build/")
    assert loaded.origins["completion.ignore"] == (
        Origin(layer=LayerName.USER, source=str(tmp_path / "user.toml"), line=1),
        Origin(layer=LayerName.REPOSITORY, source=str(tmp_path / "repository.toml"), line=2),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '[ollama]\nmodle = "x"\n',
            '/config.toml:2: there is no setting "ollama.modle". Did you mean "ollama.model"?',
            id="misspelt setting",
        ),
        pytest.param(
            'endpoint = "http://127.0.0.1:1"\n',
            '/config.toml:1: there is no setting "endpoint". Did you mean "ollama.endpoint" or '
            '"openai.endpoint"?',
            id="section forgotten",
        ),
        pytest.param(
            "\n[completions]\nenabled = true\n",
            '/config.toml:2: there is no setting "completions". Did you mean "completion"?',
            id="misspelt section",
        ),
        pytest.param(
            "[completion]\nmax-line-tokens = 3\n",
            '/config.toml:2: there is no setting "completion.max-line-tokens". '
            'Did you mean "completion.max_line_tokens"?',
            id="hyphens",
        ),
        pytest.param(
            "zebra = 1\n",
            '/config.toml:1: there is no setting "zebra". `fimble config` lists all settings.',
            id="nothing near",
        ),
        pytest.param(
            "ollama = 3\n",
            '/config.toml:1: "ollama" is a section, not a setting. '
            "Write [ollama] and its settings below.",
            id="section as value",
        ),
        pytest.param(
            '[ollama]\nnum_ctx = "big"\n',
            '/config.toml:2: "ollama.num_ctx" must be a whole number from 2048 to 1048576, '
            'not "big".',
            id="wrong type",
        ),
        pytest.param(
            "[completion]\ntemperature = 3\n",
            '/config.toml:2: "completion.temperature" must be a number from 0 to 2, not 3.',
            id="out of range",
        ),
        pytest.param(
            "[ollama]\nconnect_timeout_s = 0\n",
            '/config.toml:2: "ollama.connect_timeout_s" must be a number above 0 '
            "and at most 3600, not 0.",
            id="no time at all",
        ),
        pytest.param(
            "[ollama]\nconnect_timeout_s = nan\n",
            '/config.toml:2: "ollama.connect_timeout_s" must be a number above 0 '
            "and at most 3600, not nan.",
            id="nan",
        ),
        pytest.param(
            '[engine]\nkind = "olama"\n',
            '/config.toml:2: "engine.kind" must be "auto", "embedded", "ollama" or "openai", '
            'not "olama".',
            id="wrong choice",
        ),
        pytest.param(
            "[completion]\ndebounce_ms = true\n",
            '/config.toml:2: "completion.debounce_ms" must be "adaptive" or a whole number '
            "from 0 to 5000, not true.",
            id="either kind",
        ),
        pytest.param(
            '[ollama]\nkeep_alive = "30"\n',
            '/config.toml:2: "ollama.keep_alive" must be a duration such as "30m" or "1h30m", '
            'not "30".',
            id="no unit",
        ),
        pytest.param(
            "[completion]\nenabled = 1\n",
            '/config.toml:2: "completion.enabled" must be true or false, not 1.',
            id="boolean",
        ),
        pytest.param(
            '[completion]\nignore = "x"\n',
            '/config.toml:2: "completion.ignore" must be a list of at most 500 entries, '
            'each text of at most 256 characters, not "x".',
            id="list",
        ),
        pytest.param(
            "[ollama]\nmodel = 'a'\nmodel = 'b'\n",
            "/config.toml:3: this is not valid TOML at column 12: cannot overwrite a value.",
            id="twice",
        ),
        pytest.param(
            "[ollama\n",
            "/config.toml:1: this is not valid TOML at column 8: "
            "expected ']' at the end of a table declaration.",
            id="broken",
        ),
        pytest.param(
            b"[ollama]\nmodel = '\xff'\n",
            "/config.toml:2: the file is not UTF-8 text.",
            id="bytes",
        ),
        pytest.param(
            "a = " + "[" * 50_000,
            "/config.toml: the file nests values too deeply.",
            id="nesting",
        ),
        pytest.param(
            "#" * (MAX_FILE_BYTES + 1),
            "/config.toml: the file is larger than 256 KiB.",
            id="size",
        ),
    ],
)
def test_f24_a_mistake_names_file_line_and_key(tmp_path, text, expected):
    assert messages(tmp_path, text) == [expected]


def test_f24_an_inline_table_is_named_by_its_own_line(tmp_path):
    (message,) = messages(tmp_path, '\nollama = { model = "a", typo = 1 }\n')

    assert message.startswith('/config.toml:2: there is no setting "ollama.typo".')


def test_f24_all_mistakes_are_told_and_the_rest_counts(tmp_path):
    loaded = from_user_file(
        tmp_path, '[ollama]\nmodle = "x"\nnum_ctx = 4096\n[log]\nlevel = "loud"\n'
    )

    assert [error.key for error in loaded.errors] == ["ollama.modle", "log.level"]
    assert loaded.settings.ollama.num_ctx == 4096
    assert loaded.settings.log.level == "warning"


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    assert messages(tmp_path, b"\xef\xbb\xbf[ollama]\nnum_ctx = 4096\n") == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_does_not_hang(tmp_path):
    path = tmp_path / "config.toml"
    os.mkfifo(path)

    (error,) = load_settings(SettingSources(repository_file=path)).errors

    assert str(error) == f"{path}: this is not a regular file."


def test_a_folder_in_place_of_the_file_is_an_error(tmp_path):
    (error,) = load_settings(SettingSources(user_file=tmp_path)).errors

    assert error.source == str(tmp_path)


def test_a_further_folder_of_a_workspace_may_only_restrict(tmp_path):
    first, further = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text('[completion]\nlayout = "psm"\nignore = ["gen/"]\nmax_line_tokens = 40\n')
    further.write_text(
        '[completion]\nlayout = "spm"\nignore = ["out/"]\nmax_line_tokens = 20\nprefetch = false\n'
        '[ollama]\nmodel = "evil"\n'
    )
    sources = SettingSources(
        repository_file=first, further_files=(further,), is_trusted=lambda _key, _value: True
    )
    loaded = load_settings(sources)
    completion = loaded.settings.completion

    assert (completion.layout, completion.ignore) == ("psm", ("gen/", "out/"))
    assert (completion.max_line_tokens, completion.prefetch) == (20, False)
    assert [error.key for error in loaded.errors] == ["ollama.model"]
    assert loaded.withheld == ()


def test_a_missing_file_or_folder_is_no_error(tmp_path):
    (tmp_path / "plain").write_text("")

    for path in (tmp_path / "none" / "config.toml", tmp_path / "plain" / "config.toml"):
        assert load_settings(SettingSources(user_file=path)).errors == ()


@pytest.mark.parametrize(
    "options",
    [
        {"ollama": {"num_ctx": 4096}},
        {"ollama": {"numCtx": 4096}},
        {"fimble": {"ollama": {"num_ctx": 4096}}},
        {"ollama.num_ctx": 4096},
        {"ollama.numCtx": 4096, "ollama": {"model": None}},
        {"ollama": {"numCtx": 4096}, "server": {"path": "x"}, "trace": {"server": "off"}},
        {"ollama": {"numCtx": 4096}, "trace.server": "off", "log": None},
    ],
)
def test_editors_may_write_settings_their_way(options):
    loaded = load_settings(SettingSources(editor=options))

    assert loaded.errors == ()
    assert loaded.settings == Settings(ollama=OllamaSettings(num_ctx=4096))
    assert str(loaded.origins["ollama.num_ctx"][-1]) == "editor settings"


@pytest.mark.parametrize(
    "options",
    [
        {"ollama": 3},
        {"fimble": 3},
        {"ollama": {"num_ctx": {"deep": 1}}},
        {"ollama": {"nope": [1, {}]}},
        {"ollama": 3, "ollama.num_ctx": 4096},
        {1: {2: 3}},
        {"completion": {"ignore": [1]}},
    ],
)
def test_wrong_editor_settings_are_errors_and_nothing_raises(options):
    loaded = load_settings(SettingSources(editor=options))

    assert len(loaded.errors) == 1
    assert str(loaded.errors[0]).startswith("editor settings: ")


def test_a_long_wrong_value_is_cut_in_the_message():
    loaded = load_settings(SettingSources(editor={"log": {"level": "x" * 10_000}}))

    assert len(str(loaded.errors[0])) < 200


def test_settings_are_built_from_dotted_keys():
    assert build_settings({"ollama.num_ctx": 4096}).ollama == OllamaSettings(num_ctx=4096)


def test_a_field_of_two_sections_suggests_both():
    assert did_you_mean("max.enabled") == (
        'Did you mean "completion.enabled" or "embedded.enabled"?'
    )


def test_an_unlike_setting_of_a_section_suggests_what_the_section_has():
    assert did_you_mean("ollama.foo").startswith('The settings of "ollama" are endpoint, model, ')
    assert not did_you_mean("zebra.foo")


def test_the_user_file_follows_the_systems_configuration_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    path = user_config_file()

    assert path.parts[-2:] == ("fimble", "config.toml")


def test_the_workspace_is_the_nearest_folder_with_fimble_or_git(tmp_path):
    (tmp_path / "outer" / ".git").mkdir(parents=True)
    inner = tmp_path / "outer" / "inner"
    (inner / ".fimble").mkdir(parents=True)
    (inner / "deep").mkdir()

    assert workspace_root(inner / "deep" / "file.py") == inner
    assert workspace_root(tmp_path / "outer" / "file.py") == tmp_path / "outer"
    assert repository_config_file(inner) == inner / ".fimble" / "config.toml"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "name", [name for name, key in setting_keys().items() if isinstance(key.default, float)]
)
def test_no_number_may_be_infinite_or_not_a_number(name, value):
    with pytest.raises(ValueError, match="must be a number"):
        setting_keys()[name].validate(float(value))
