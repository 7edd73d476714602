"""Sign-in is configured by one table of one file, and its cookie secret must be hard to guess."""

from pathlib import Path

import pytest

from dashboard.__main__ import CONFIG
from dashboard.server.sign_in_settings import SECRET_LENGTH, read_auth
from ledger.settings import SettingsError

EXAMPLE = (CONFIG / "secrets.example.toml").read_text("utf-8")
PLACEHOLDER = "at least 32 random characters"
RANDOM = "b1946ac92492d2347c6235b4d2611184"


def auth_file(folder: Path, secret: str) -> Path:
    """Write the example file with another cookie secret."""
    file = folder / "secrets.toml"
    file.write_text(EXAMPLE.replace(PLACEHOLDER, secret))
    return file


def test_sign_in_is_configured_by_the_auth_table_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[database]\nname = 'x'\n")

    assert read_auth(tmp_path / "missing.toml") is None
    assert read_auth(other) is None
    assert (read_auth(auth_file(tmp_path, RANDOM)) or {})["client_id"] == "from your provider"


@pytest.mark.parametrize(
    "secret",
    [
        "x",
        "",
        " " * 40,
        PLACEHOLDER,
        f"{PLACEHOLDER}, really",
        RANDOM[:31],
        "x" * 32,
        "123456789" * 4,
    ],
)
def test_a_cookie_secret_that_can_be_guessed_is_refused_without_being_shown(
    tmp_path: Path, secret: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read_auth(auth_file(tmp_path, secret))

    assert str(refused.value).startswith("cookie_secret of [auth] is ")
    assert RANDOM[:31] not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_cookie_secret_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text("\n".join(line for line in EXAMPLE.splitlines() if "cookie_secret" not in line))

    with pytest.raises(SettingsError, match="missing"):
        read_auth(file)


def test_a_secret_of_the_shortest_length_is_accepted(tmp_path: Path) -> None:
    assert len(RANDOM) == SECRET_LENGTH == 32
    assert read_auth(auth_file(tmp_path, RANDOM)) is not None
