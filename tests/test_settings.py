"""Which mode the environment chooses, and what is said when a setting cannot be used."""

import pytest

from tutor import settings

KEY = "sk-ant-planted-0123456789"


def read(root, **environ):
    return settings.read(environ, root)


def test_without_key_and_address_replies_are_the_recorded_ones(tmp_path):
    got = read(tmp_path)
    assert (got.mode, got.key, got.upstream) == ("recorded", None, settings.API)
    assert (got.strict, got.pace, got.budget, got.home) == (False, 1.0, 1.0, tmp_path / "notebooks" / ".tutor")


@pytest.mark.parametrize(
    ("environ", "mode"),
    [
        ({"ANTHROPIC_API_KEY": KEY}, "live"),
        ({"ANTHROPIC_BASE_URL": "https://gateway.example"}, "live"),
        ({"ANTHROPIC_BASE_URL": settings.API}, "recorded"),
        ({"ANTHROPIC_API_KEY": KEY, "TUTOR_MODE": "recorded"}, "recorded"),
        ({"ANTHROPIC_API_KEY": KEY, "TUTOR_MODE": "record"}, "record"),
        ({"ANTHROPIC_API_KEY": "tutor-local-abc", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}, "recorded"),
        ({"ANTHROPIC_API_KEY": "tutor-local-abc", "TUTOR_MODE": "live"}, "recorded"),
        ({"ANTHROPIC_API_KEY": "tutor-local-abc", "TUTOR_MODE": "record"}, "recorded"),
        ({"ANTHROPIC_API_KEY": "  "}, "recorded"),
    ],
)
def test_the_mode_is_chosen_by_key_and_address(tmp_path, environ, mode):
    assert read(tmp_path, **environ).mode == mode


def test_a_local_token_hides_neither_the_env_file_nor_the_other_settings(tmp_path):
    (tmp_path / ".env").write_text(f"ANTHROPIC_API_KEY={KEY}\nTUTOR_PACE=1\n")
    got = read(tmp_path, ANTHROPIC_API_KEY="tutor-local-abc", ANTHROPIC_BASE_URL="http://127.0.0.1:9", TUTOR_PACE="0")
    assert (got.mode, got.key, got.upstream, got.pace) == ("live", KEY, settings.API, 0.0)


@pytest.mark.parametrize(
    ("given", "upper", "lower"),
    [
        ({}, "127.0.0.1", "127.0.0.1"),
        ({"NO_PROXY": "gateway.school"}, "gateway.school,127.0.0.1", "gateway.school,127.0.0.1"),
        ({"no_proxy": "a,127.0.0.1"}, "a,127.0.0.1", "a,127.0.0.1"),
        ({"NO_PROXY": "a", "no_proxy": "b"}, "a,127.0.0.1", "b,127.0.0.1"),
    ],
)
def test_this_computer_is_reached_past_a_proxy_and_so_is_whatever_was(given, upper, lower):
    environ = dict(given)
    settings.spare_loopback(environ)
    settings.spare_loopback(environ)
    assert environ == {"NO_PROXY": upper, "no_proxy": lower}


def test_the_environment_wins_over_the_env_file(tmp_path):
    (tmp_path / ".env").write_text("TUTOR_BUDGET=3\n")
    assert read(tmp_path).budget == 3
    assert read(tmp_path, TUTOR_BUDGET="0.5").budget == 0.5


def test_a_local_token_in_the_env_file_is_no_key(tmp_path):
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=tutor-local-abc\n")
    found = settings.read({}, tmp_path)
    assert (found.mode, found.key) == ("recorded", None)


def test_an_env_file_may_use_export_quotes_and_comments(tmp_path):
    text = "# a comment\n\nexport A='one # two'\nB=\"three\"\nC=four # five\nD=\nnonsense\n"
    (tmp_path / ".env").write_text(text, encoding="utf-8-sig")
    assert settings.dotenv(tmp_path / ".env") == {"A": "one # two", "B": "three", "C": "four"}


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"TUTOR_MODE": "alive"}, "'alive'"),
        ({"TUTOR_MODE": "live"}, "there is no key"),
        ({"TUTOR_MODE": "record"}, "there is no key"),
        ({"TUTOR_PACE": "-1"}, "'-1'"),
        ({"TUTOR_BUDGET": "nan"}, "'nan'"),
        ({"TUTOR_BUDGET": "one"}, "'one'"),
        ({"TUTOR_STRICT": "perhaps"}, "'perhaps'"),
        ({"ANTHROPIC_BASE_URL": "http://gateway.example"}, "https://"),
        ({"ANTHROPIC_BASE_URL": "https://user:secret@gateway.example"}, "user name"),
        ({"ANTHROPIC_BASE_URL": "https://gateway.example:port"}, "an address such as"),
        ({"ANTHROPIC_BASE_URL": "gateway.example"}, "an address such as"),
    ],
)
def test_a_setting_that_cannot_be_used_says_why(tmp_path, environ, words):
    with pytest.raises(settings.SettingsError, match=words):
        read(tmp_path, **environ)


def test_a_broken_key_is_refused_without_being_repeated(tmp_path):
    with pytest.raises(settings.SettingsError) as caught:
        read(tmp_path, ANTHROPIC_API_KEY=f"{KEY}\nsecond line")
    assert KEY not in str(caught.value)


def test_an_address_with_a_secret_is_refused_without_being_repeated(tmp_path):
    with pytest.raises(settings.SettingsError) as caught:
        read(tmp_path, ANTHROPIC_BASE_URL=f"https://user:{KEY}@gateway.example")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_env_file_may_be_written_by_any_editor_and_keeps_its_other_lines(tmp_path, encoding):
    (tmp_path / ".env").write_text(f"# für mich\nANTHROPIC_API_KEY={KEY}\nTUTOR_PACE=0\n", encoding=encoding)
    assert read(tmp_path).key == KEY
    settings.write_key(tmp_path / ".env", f"{KEY}-new")
    assert (tmp_path / ".env").read_text("utf-8") == f"# für mich\nTUTOR_PACE=0\nANTHROPIC_API_KEY={KEY}-new\n"


def test_an_env_file_that_cannot_be_read_is_named_and_left_as_it_is(tmp_path):
    (tmp_path / ".env").write_bytes(b"\xfcber\n")
    for act in (lambda: read(tmp_path), lambda: settings.write_key(tmp_path / ".env", KEY)):
        with pytest.raises(settings.SettingsError, match=r"^Expected \.env to be readable text.*Save it as UTF-8"):
            act()
    assert (tmp_path / ".env").read_bytes() == b"\xfcber\n"


def test_the_key_is_not_shown(tmp_path):
    assert KEY not in repr(read(tmp_path, ANTHROPIC_API_KEY=KEY))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:8000/", "http://[::1]:8000", "https://x.example/base/"]
)
def test_this_computer_and_https_are_accepted(tmp_path, url):
    assert read(tmp_path, ANTHROPIC_BASE_URL=url).upstream == url.rstrip("/")


def test_the_home_of_somebody_unknown_is_told(tmp_path):
    with pytest.raises(settings.SettingsError, match="Expected TUTOR_HOME to be a folder"):
        settings.read({"TUTOR_HOME": "~nobody-of-this-name/x"}, tmp_path)


@pytest.mark.parametrize("name", ["TUTOR_MODE", "TUTOR_PACE", "TUTOR_STRICT", "TUTOR_BUDGET", "ANTHROPIC_BASE_URL"])
def test_a_key_in_the_place_of_another_setting_is_not_shown(tmp_path, name):
    value = f"http://{KEY}" if name == "ANTHROPIC_BASE_URL" else KEY
    with pytest.raises(settings.SettingsError) as raised:
        read(tmp_path, **{name: value})
    assert KEY not in str(raised.value).lower()
    assert "[a key, left out]" in str(raised.value)
