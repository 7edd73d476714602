"""Addresses that try keys or sign-ins in vain are counted; a slip, and what is long ago, are not."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from ledger.desk import audit

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def notes(db: Connection, action: str, address: str, times: int, at: datetime = NOW) -> None:
    for number in range(times):
        about = {"actor": address} if action == "wrong_api_keys" else {"actor": "nobody", "subject": address}
        request = f"{action} {address} {number} {at}"
        audit.record(db, role="stranger", action=action, at=at, request_id=request, **about)


@pytest.mark.parametrize(
    ("action", "times", "ago", "counted"),
    [
        ("wrong_api_keys", 1, timedelta(hours=24), 1),
        ("wrong_api_keys", 9, timedelta(hours=25), 0),
        ("sign_in_failed", 4, timedelta(), 0),
        ("sign_in_failed", 5, timedelta(), 1),
        ("add_staff", 9, timedelta(), 0),
    ],
)
def test_an_address_counts_once_it_is_no_slip(
    db: Connection, action: str, times: int, ago: timedelta, counted: int
) -> None:
    notes(db, action, "203.0.113.9", times, NOW - ago)
    notes(db, "sign_in_failed", "198.51.100.7", 1)

    assert audit.count_knocking_addresses(db, since=NOW - timedelta(days=1)) == counted


def test_each_address_counts_once(db: Connection) -> None:
    notes(db, "wrong_api_keys", "203.0.113.9", 3)
    notes(db, "sign_in_failed", "203.0.113.9", 3)
    notes(db, "wrong_api_keys", "198.51.100.7", 1)

    assert audit.count_knocking_addresses(db, since=NOW) == 2
