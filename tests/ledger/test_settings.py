"""Settings are read once and checked; a wrong one is one line that names its variable."""

from pathlib import Path

import pytest

from ledger.settings import SettingsError, load_settings
from tests.house import imported_names, sources


def refusal(**environ: str) -> str:
    """Return the message with which these settings are refused."""
    with pytest.raises(SettingsError) as refused:
        load_settings(environ)
    return str(refused.value)


def test_nothing_set_is_the_embedded_database_the_sandbox_and_utc() -> None:
    settings = load_settings({})

    assert settings.database_url is None
    assert settings.data_dir == Path.cwd() / ".data"
    assert settings.mode == "sandbox"
    assert settings.stripe_webhook_secrets == ()
    assert settings.report_timezone == "UTC"
    assert settings.public_url is None
    assert settings.database_url_read is None
    assert settings.report_locale == "en_US"
    assert settings.smtp_url is None
    assert settings.mail_from is None


def test_a_variable_that_changes_later_changes_nothing_in_a_running_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REPORT_TIMEZONE", "Europe/Berlin")
    before = load_settings()

    monkeypatch.setenv("REPORT_TIMEZONE", "Asia/Tokyo")

    assert before.report_timezone == "Europe/Berlin"
    assert load_settings() is before


def test_an_empty_variable_counts_as_not_set() -> None:
    names = (
        "DATABASE_URL",
        "DATA_DIR",
        "STRIPE_API_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "REPORT_TIMEZONE",
        "PUBLIC_URL",
        "DATABASE_URL_READ",
        "REPORT_LOCALE",
        "SMTP_URL",
        "MAIL_FROM",
        "STRIPE_RECEIPTS",
        "STRIPE_AUTOMATIC_TAX",
        "STRIPE_PROMOTION_CODES",
    )

    assert load_settings(dict.fromkeys(names, " ")) == load_settings({})


@pytest.mark.parametrize(
    ("key", "mode"),
    [
        ("sk_test_abc", "stripe_test"),
        ("rk_test_abc", "stripe_test"),
        ("sk_live_abc", "live"),
        ("rk_live_abc", "live"),
    ],
)
def test_the_prefix_of_the_stripe_key_decides_the_mode(key: str, mode: str) -> None:
    assert load_settings({"STRIPE_API_KEY": key}).mode == mode


@pytest.mark.parametrize("key", ["pk_test_abc", "whsec_abc", "sk_test_", "SK_TEST_abc", "abc", "sk_prod_abc"])
def test_any_other_stripe_key_is_refused_without_being_shown(key: str) -> None:
    text = refusal(STRIPE_API_KEY=key)

    assert "STRIPE_API_KEY" in text
    assert key not in text.replace("sk_test_, rk_test_", "")


def test_two_webhook_secrets_are_taken_while_one_replaces_the_other() -> None:
    settings = load_settings({"STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old"})

    assert settings.stripe_webhook_secrets == ("whsec_new", "whsec_old")


@pytest.mark.parametrize("secrets", ["a,b,c", "whsec_a,", ",", "sk_test_pasted_here"])
def test_three_secrets_a_blank_one_and_an_api_key_are_refused(secrets: str) -> None:
    text = refusal(STRIPE_WEBHOOK_SECRET=secrets)

    assert text.startswith("STRIPE_WEBHOOK_SECRET")
    assert "pasted_here" not in text


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_postgresql_url_is_taken_in_each_of_its_spellings(scheme: str) -> None:
    settings = load_settings(
        {"DATABASE_URL": f"{scheme}://me:secret@db.example:5433/minutes?sslmode=require"}
    )

    assert settings.database_url == "postgresql+psycopg://me:secret@db.example:5433/minutes?sslmode=require"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:secret@db/minutes",
        "sqlite:///minutes.db",
        "postgresql+asyncpg://me:secret@db/minutes",
        "postgresql://me:secret@db",
        "postgresql://me:secret@db:port/minutes",
        "db.example",
    ],
)
def test_any_other_database_url_is_refused_without_showing_its_password(url: str) -> None:
    text = refusal(DATABASE_URL=url)

    assert text.startswith("DATABASE_URL")
    assert "secret" not in text
    assert "\n" not in text


def test_the_url_of_reads_is_checked_like_the_other_and_named() -> None:
    text = refusal(DATABASE_URL_READ="mysql://me:secret@db/minutes")

    assert text.startswith("DATABASE_URL_READ")
    assert "secret" not in text
    assert load_settings({"DATABASE_URL_READ": "postgres://me:secret@copy/minutes"}).database_url_read == (
        "postgresql+psycopg://me:secret@copy/minutes"
    )


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://mail:abc",
        "smtps://h:99999",
        "smtp://h:0",
        "smtp://me:secret@",
        "smtp://me@h",
        "smtp://me:secret@h/path",
        "smtp://me:secret@h?a=1",
        "smtp://[::1",
    ],
)
def test_a_mail_server_that_cannot_be_reached_is_refused_at_start_without_its_password(url: str) -> None:
    text = refusal(SMTP_URL=url)

    assert text.startswith("SMTP_URL")
    assert "secret" not in text


@pytest.mark.parametrize(
    "url",
    [
        "smtp://h",
        "smtp://h:25",
        "smtp://h:65535",
        "smtps://me:hush@mail.example.com:465/",
        "smtp://[::1]:25",
    ],
)
def test_a_mail_server_is_accepted_with_and_without_port_and_password(url: str) -> None:
    settings = load_settings({"SMTP_URL": url})

    assert settings.smtp_url == url
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("sender", ["minutes@example.com", "Minutes <minutes@example.com>"])
def test_a_sender_is_an_address_with_or_without_a_name(sender: str) -> None:
    assert load_settings({"MAIL_FROM": sender}).mail_from == sender


@pytest.mark.parametrize(
    "sender", ["minutes", "minutes@", "@example.com", "minutes@host", "a b@example.com", "a@b.c@d.e"]
)
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    assert refusal(MAIL_FROM=sender).startswith("MAIL_FROM")


@pytest.mark.parametrize(
    ("given", "name"), [("de_DE", "de_DE"), ("de-DE", "de_DE"), ("en", "en"), ("zh_Hans_CN", "zh_Hans_CN")]
)
def test_a_locale_has_one_spelling(given: str, name: str) -> None:
    assert load_settings({"REPORT_LOCALE": given}).report_locale == name


@pytest.mark.parametrize("name", ["English", "DE", "de_de", "de_DE.UTF-8", "../de"])
def test_what_is_no_locale_is_refused(name: str) -> None:
    assert refusal(REPORT_LOCALE=name).startswith("REPORT_LOCALE")


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    assert refusal(REPORT_TIMEZONE=name).startswith("REPORT_TIMEZONE")


def test_a_known_time_zone_is_given_by_name_and_as_a_zone() -> None:
    settings = load_settings({"REPORT_TIMEZONE": "Europe/Berlin"})

    assert settings.report_timezone == "Europe/Berlin"
    assert settings.report_zone.key == "Europe/Berlin"


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert refusal(DATA_DIR=str(tmp_path / "file")).startswith("DATA_DIR")
    assert refusal(DATA_DIR=str(tmp_path / "file" / "below")).startswith("DATA_DIR")


@pytest.mark.parametrize("folder", ["~nobody-of-this-name/data", "n" * 300])
def test_a_data_folder_that_cannot_be_looked_at_is_refused_in_one_short_line(folder: str) -> None:
    output = refusal(DATA_DIR=folder)

    assert output.startswith(f"DATA_DIR must be a writable folder; {folder}: ")
    assert output.count(folder) == 1
    assert "\n" not in output


@pytest.mark.parametrize(
    "url",
    [
        "minutes.example.com",
        "ftp://minutes.example.com",
        "https://",
        "https://host:port",
        "https://host/?a=1",
    ],
)
def test_a_public_url_that_browsers_cannot_use_is_refused(url: str) -> None:
    assert refusal(PUBLIC_URL=url).startswith("PUBLIC_URL")


def test_a_public_url_loses_its_last_slash() -> None:
    assert (
        load_settings({"PUBLIC_URL": "https://minutes.example.com/"}).public_url
        == "https://minutes.example.com"
    )


def test_no_secret_shows_in_a_repr() -> None:
    settings = load_settings(
        {
            "DATABASE_URL": "postgresql://me:hidden_1@db/minutes",
            "STRIPE_API_KEY": "sk_test_hidden_2",
            "STRIPE_WEBHOOK_SECRET": "whsec_hidden_3,whsec_hidden_4",
        }
    )

    assert "hidden" not in repr(settings)
    assert "***" in repr(settings)


@pytest.mark.parametrize("token", ["short", "a" * 40, "with space" * 5, "abcdefgh" * 3 + "1234567"])
def test_a_start_token_that_could_be_guessed_stops_the_start(token: str) -> None:
    with pytest.raises(SettingsError, match="START_TOKEN"):
        load_settings({"START_TOKEN": token})


def test_a_start_token_is_stored_and_does_not_show_itself() -> None:
    settings = load_settings({"START_TOKEN": "abcdefghijklmnopqrstuvwxyz_-0123"})

    assert settings.start_token == "abcdefghijklmnopqrstuvwxyz_-0123"
    assert "abcdefghij" not in repr(settings)
    assert load_settings({}).start_token is None


def test_settings_are_read_at_start_and_passed_on() -> None:
    readers = {
        str(path)
        for path in sources("ledger", "dashboard", "pages")
        if imported_names(path) & {"ledger.settings.load_settings", "ledger.settings.settings_of_process"}
    }

    assert readers == {
        "ledger/__main__.py",
        "dashboard/__main__.py",
        "dashboard/installation.py",  # the HTTP interface may run without the dashboard
        "dashboard/api/__init__.py",  # and sets up its own log then
        "ledger/database.py",  # `ledger.connect()` without a URL
    }
