"""Words on the screen: customers' text is shown letter by letter and executed by no spreadsheet."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard import installation
from dashboard.text import (
    ago,
    counted,
    day,
    days,
    duration,
    minutes,
    moment,
    money,
    percent,
    percent_range,
    plain,
    points,
    short_money,
    signed,
)
from ledger.settings import load_settings


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("**bold**", r"\*\*bold\*\*"),
        ("<b>x</b>", r"\<b\>x\<\/b\>"),
        (":red[x] :material/home:", r"\:red\[x\] \:material\/home\:"),
        ("$a$ `b` [c](d)", r"\$a\$ \`b\` \[c\]\(d\)"),
        ("# two\n\nlines", r"\# two lines"),
        ("Zürich & Söhne", r"Zürich \& Söhne"),
    ],
)
def test_markup_in_a_name_is_only_letters(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


@pytest.mark.parametrize("address", ["http://evil.example", "https://evil.example/a", "www.evil.example"])
def test_an_address_in_a_name_is_text_that_no_markdown_makes_a_link(address: str) -> None:
    shown = plain(f"Acme ({address}) Ltd")

    assert not re.search(r"(?:https?:|www)\\?[/.]", shown)
    assert shown.replace("\u2060", "").replace("\\", "") == f"Acme ({address}) Ltd"
    assert plain("http and www are words") == "http and www are words"


def test_numbers_money_and_times_are_written_one_way() -> None:
    at = datetime(2026, 11, 3, 4, 5, tzinfo=UTC)

    assert (minutes(-1234), signed(-5), signed(60)) == ("−1,234 min", "−5", "+60")
    assert (money(1999, "usd"), money(1999, "jpy"), money(1999, "kwd")) == (
        "$19.99",
        "¥1,999",
        "KWD\u00a01.999",
    )
    assert (day(at), moment(at)) == ("Nov 3, 2026", "Nov 3, 2026 04:05 UTC")


def test_days_and_times_are_those_of_the_report_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "settings", lambda: load_settings({"REPORT_TIMEZONE": "Europe/Berlin"}))

    assert moment(datetime(2026, 7, 31, 22, 5, tzinfo=UTC)) == "Aug 1, 2026 00:05 CEST"
    assert moment(datetime(2026, 1, 31, 22, 5, tzinfo=UTC)) == "Jan 31, 2026 23:05 CET"


def test_one_is_not_counted_like_many() -> None:
    answer = [counted(number, "{n} use", "{n} uses") for number in (0, 1, 2, 1000)]

    assert answer == ["0 uses", "1 use", "2 uses", "1,000 uses"]


@pytest.mark.parametrize(
    ("cents", "currency", "shown"),
    [
        (2_849_151, "usd", "$28,492"),
        (9_999, "usd", "$99.99"),
        (10_000, "usd", "$100"),
        (-2_849_151, "usd", "−$28,492"),
        (1_000, "jpy", "¥1,000"),
        (500, "xaf", "FCFA\u00a0500"),
        (1_234_567_890, "usd", "$12.3M"),
    ],
)
def test_a_tile_shows_money_without_the_cents_that_do_not_count(
    cents: int, currency: str, shown: str
) -> None:
    assert short_money(cents, currency) == shown


def test_shares_are_written_without_a_space_and_ranges_with_an_en_dash() -> None:
    assert (percent(33.04), percent_range(27.6, 38.8), percent_range(2, None)) == (
        "33.0%",
        "27.6–38.8%",
        "2.0% or more",
    )
    assert (percent_range(None, 5), percent_range(0, None), percent_range(None, None)) == (
        "5.0% or less",
        "0.0% or more",
        "",
    )
    assert (points(-1.1), points(0.04)) == ("−1.1 pp", "0.0 pp")


def test_spans_of_time_are_written_in_words() -> None:
    now = datetime(2026, 11, 3, 4, 5, tzinfo=UTC)

    assert (ago(now - timedelta(hours=3), now), ago(now, now)) == ("3h ago", "just now")
    assert duration(7200) == "2 hours"
    assert days(date(2026, 9, 2), date(2026, 11, 30)) == "Sep 2 – Nov 30, 2026"
    assert days(date(2026, 9, 2), date(2026, 9, 2)) == "Sep 2, 2026"


def test_the_locale_of_the_installation_decides_how_numbers_and_dates_are_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installation, "settings", lambda: load_settings({"REPORT_LOCALE": "de_DE"}))

    assert (money(123_456, "eur"), minutes(1234)) == ("1.234,56\u00a0€", "1.234 min")
    assert day(datetime(2026, 11, 3, 4, 5, tzinfo=UTC)) == "03.11.2026"
