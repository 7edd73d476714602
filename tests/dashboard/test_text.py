"""Words on the screen: customers' text is shown letter by letter and executed by no spreadsheet."""

import re
from datetime import UTC, datetime

import pytest

from dashboard import installation
from dashboard.text import counted, day, minutes, moment, money, plain, signed
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
        "19.99 USD",
        "1,999 JPY",
        "1.999 KWD",
    )
    assert (day(at), moment(at)) == ("3 Nov 2026", "3 Nov 2026 04:05 UTC")


def test_days_and_times_are_those_of_the_report_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "settings", lambda: load_settings({"REPORT_TIMEZONE": "Europe/Berlin"}))

    assert moment(datetime(2026, 7, 31, 22, 5, tzinfo=UTC)) == "1 Aug 2026 00:05 CEST"
    assert moment(datetime(2026, 1, 31, 22, 5, tzinfo=UTC)) == "31 Jan 2026 23:05 CET"


def test_one_is_not_counted_like_many() -> None:
    told = [counted(number, "{n} use", "{n} uses") for number in (0, 1, 2, 1000)]

    assert told == ["0 uses", "1 use", "2 uses", "1,000 uses"]
