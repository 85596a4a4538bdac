"""F24: a broken configuration never replaces a good one."""

from fimble.config.holder import ConfigurationHolder
from fimble.config.load import SettingSources


def test_f24_the_last_good_configuration_stays_in_force(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("[ollama]\nnum_ctx = 4096\n")
    holder = ConfigurationHolder(SettingSources(user_file=path))
    good = holder.current

    path.write_text("[ollama]\nnum_ctx = 8192\nmodle = 'x'\n")
    errors = holder.reload()

    assert [error.key for error in errors] == ["ollama.modle"]
    assert holder.current is good


def test_f24_a_partial_write_changes_nothing_until_it_is_whole(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("[ollama]\nnum_ctx = 4096\n")
    holder = ConfigurationHolder(SettingSources(user_file=path))
    whole = '[ollama]\nnum_ctx = 8192\nmodel = "tiny"\n'

    for length in range(len("[ollama]\nnum_ctx ="), len("[ollama]\nnum_ctx = 8")):
        path.write_text(whole[:length])
        assert holder.reload()
        assert holder.settings.ollama.num_ctx == 4096
    path.write_text(whole)

    assert holder.reload() == []
    assert holder.settings.ollama.num_ctx == 8192


def test_wrong_editor_settings_are_refused_and_right_ones_recover():
    holder = ConfigurationHolder(SettingSources(editor={"ollama": {"num_ctx": 4096}}))

    assert holder.reload(editor={"ollama": {"num_ctx": "?"}})
    assert holder.settings.ollama.num_ctx == 4096
    assert holder.reload(), "what the editor has is still wrong"
    assert holder.reload(editor={"ollama": {"num_ctx": 8192}}) == []
    assert holder.settings.ollama.num_ctx == 8192


def test_at_the_start_right_lines_count_and_wrong_ones_are_named(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("[completion]\nenabled = false\nignore = 3\n")

    holder = ConfigurationHolder(SettingSources(user_file=path))

    assert not holder.settings.completion.enabled
    assert [error.key for error in holder.current.errors] == ["completion.ignore"]
