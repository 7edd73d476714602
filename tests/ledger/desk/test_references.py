"""What customers paste: the reference is taken out of a sentence, a link or a mail address with a name."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

import ledger
from ledger.desk.references import quoted_reference

PURCHASE = "018f3a50-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("pasted", "reference"),
    [
        ("my bank says pi_sbx_4d4732aa1ddfe4b3, please help", "pi_sbx_4d4732aa1ddfe4b3"),
        ("https://dashboard.stripe.com/test/payments/pi_3Nxyz12345abc?tab=1", "pi_3Nxyz12345abc"),
        ("https://dashboard.stripe.com/customers/cus_ABCdef123", "cus_ABCdef123"),
        ("invoice (in_1Happy7Renewal).", "in_1Happy7Renewal"),
        ("Ann Nunez <ann@mail.example>", "ann@mail.example"),
        ("write to ann@mail.example.", "ann@mail.example"),
        (f"purchase {PURCHASE} failed", PURCHASE),
        ("Receipt #9133-9355", "9133-9355"),
        ("pi_3Nxyz12345abc and again pi_3Nxyz12345abc", "pi_3Nxyz12345abc"),
        ("pi_3Nxyz12345abc or ch_3Nxyz12345abc?", "pi_3Nxyz12345abc or ch_3Nxyz12345abc?"),
        ("Main Street Labs", "Main Street Labs"),
        ("main_office_2026", "main_office_2026"),
        ("9133-9355", "9133-9355"),
        ("", ""),
    ],
)
def test_one_reference_is_taken_out_and_other_texts_stay(pasted: str, reference: str) -> None:
    assert quoted_reference(pasted) == reference


def test_a_sentence_around_an_address_finds_its_workspace(db: Connection) -> None:
    for name in ("acme", "other"):
        about = {"name": name, "owner_email": f"owner@{name}.example", "actor": "t"}
        ledger.create_workspace(db, name, **about, at=datetime(2026, 3, 1, tzinfo=UTC))

    matches = ledger.search_workspaces(db, "Please help, I am owner@acme.example, thanks")

    assert [row.workspace_id for row in matches] == ["acme"]
