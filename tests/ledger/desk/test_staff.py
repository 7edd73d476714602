"""Staff: added under a role, bound to one identity at the first sign-in, deactivated at once."""

import pytest
from sqlalchemy import Connection

from ledger.desk import staff
from ledger.errors import UnknownStaff
from tests.stories import START

ISSUER = "https://login.example.com"


def _add(db: Connection, email: str, role: str = "support") -> staff.Staff:
    return staff.add_staff(db, email, role=role, actor="test", at=START)


def test_an_address_is_bound_to_the_identity_that_first_signs_in_with_it(db: Connection) -> None:
    _add(db, "Ada@Example.com")

    first = staff.sign_in_first(db, "ADA@example.com", ISSUER, "ada")
    stolen = staff.sign_in_first(db, "ada@example.com", ISSUER, "mallory")

    assert first is not None
    assert first.email == "ada@example.com"
    assert stolen is None
    assert staff.by_identity(db, ISSUER, "ada") == first
    assert staff.by_identity(db, ISSUER, "mallory") is None
    assert staff.by_identity(db, "https://other.example.com", "ada") is None


def test_a_deactivated_person_is_nobody_until_reactivated(db: Connection) -> None:
    _add(db, "ada@example.com")
    staff.sign_in_first(db, "ada@example.com", ISSUER, "ada")

    staff.disable_staff(db, "ada@example.com", at=START)

    assert staff.by_identity(db, ISSUER, "ada") is None
    assert staff.sign_in_first(db, "ada@example.com", ISSUER, "ada") is None
    _add(db, "ada@example.com", "viewer")
    again = staff.sign_in_first(db, "ada@example.com", ISSUER, "ada")
    assert again is not None
    assert again.role == "viewer"


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("", "admin"),
        ("ada", "admin"),
        ("a b@example.com", "admin"),
        ("ada@example.com", "owner"),
        ("a\x00@b.c", "admin"),
        ("a@\ud800.c", "admin"),
    ],
)
def test_what_is_no_address_or_no_role_is_refused(db: Connection, email: str, role: str) -> None:
    with pytest.raises(UnknownStaff):
        _add(db, email, role)


def test_shutting_out_a_stranger_is_refused(db: Connection) -> None:
    with pytest.raises(UnknownStaff):
        staff.disable_staff(db, "nobody@example.com", at=START)


def test_an_identity_of_nothing_is_never_bound(db: Connection) -> None:
    _add(db, "ada@example.com")

    assert staff.sign_in_first(db, "ada@example.com", "", "") is None
    assert staff.by_identity(db, "", "") is None


def test_limits_are_changed_for_known_roles_only(db: Connection) -> None:
    staff.set_limits(db, staff.Limits("support", 10, 20, 30, 40))

    assert staff.limits(db)["support"] == staff.Limits("support", 10, 20, 30, 40)
    with pytest.raises(UnknownStaff):
        staff.set_limits(db, staff.Limits("owner", 1, 1, 1, 1))
