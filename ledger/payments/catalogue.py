"""The catalogue: versions of packages and plan prices, and price tests that offer arms in parallel.

A price change is a new version; purchases keep the version they were made with.
"""

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ledger.database import query
from ledger.payments.errors import CatalogueConflict, InvalidCatalogue, UnknownPriceTest
from ledger.payments.package_terms import STANDARD, check_package

TEST_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
ARMS = range(2, 101)
"""How many arms a price test may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One version of a package: `minutes` for `amount_cents`, on sale in [valid_from, valid_to)."""

    code: str
    version: int
    arm: str
    name: str
    minutes: int
    amount_cents: int
    currency: str
    valid_from: datetime
    valid_to: datetime | None
    stripe_product: str | None
    stripe_price: str | None
    created_by: str
    tagline: str | None = None  # one line to help customers choose


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTest:
    """Arms offered in parallel during [starts_at, ends_at); an arm listed twice gets twice the share."""

    test: str
    arms: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None
    created_by: str

    def arm_of(self, workspace_id: str) -> str:
        """Return the arm of a workspace for the duration of the test."""
        return price_test_arm(workspace_id, self.test, self.arms)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTerms:
    """A plan; `minutes` is its monthly allowance."""

    plan: str
    name: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPrice:
    """A Stripe price of a plan; `minutes` is the allowance of one paid period."""

    price_id: str
    product_id: str | None
    plan: str
    billing_cycle: str
    amount_cents: int
    currency: str
    valid_from: datetime
    valid_to: datetime | None
    created_by: str
    minutes: int


def list_packages(
    db: Connection, workspace_id: str | None = None, *, at: datetime, currency: str | None = None
) -> list[Package]:
    """Return the packages on sale at `at`, smallest first; with a workspace, those of its price-test arm.

    Prices are in `currency`, else in that of the workspace; a package that is not sold in it is offered in another.
    """
    wanted = {"workspace_id": workspace_id, "at": at, "currency": currency}
    rows = db.execute(query("offered_packages"), wanted)
    return [Package(**row) for row in rows.mappings()]


def list_package_versions(db: Connection) -> list[Package]:
    """Return every version of every package, on sale or not."""
    return [Package(**row) for row in db.execute(query("package_versions")).mappings()]


def publish_package(
    db: Connection,
    code: str,
    *,
    name: str,
    tagline: str | None = None,
    minutes: int,
    amount_cents: int,
    currency: str = "usd",
    arm: str = STANDARD,
    valid_from: datetime,
    valid_to: datetime | None = None,
    actor: str,
    stripe_product: str | None = None,
    stripe_price: str | None = None,
) -> Package:
    """Put a new version on sale; the previous one of the same arm is on sale until `valid_from`.

    Without a tagline the previous one stays.

    Raises `InvalidCatalogue` for minutes, money or names that cannot be sold.
    """
    check_package(code, name=name, minutes=minutes, amount_cents=amount_cents, arm=arm, currency=currency)
    version = {
        "code": code,
        "arm": arm,
        "name": name,
        "tagline": tagline,
        "minutes": minutes,
        "amount_cents": amount_cents,
        "currency": currency,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "stripe_product": stripe_product,
        "stripe_price": stripe_price,
        "created_by": actor,
    }
    return _add_version(db, version)


def _add_version(db: Connection, version: dict[str, Any]) -> Package:
    db.execute(query("close_package_versions"), version | {"at": version["valid_from"]})
    try:
        row = db.execute(query("add_package_version"), version).mappings().one()
    except IntegrityError as error:
        detail = "A currency must be three lower-case letters, and a sale must end after it starts."
        raise InvalidCatalogue(detail) from error
    return Package(**row)


def withdraw_package(db: Connection, code: str, *, arm: str = STANDARD, at: datetime) -> None:
    """Take a package off sale from `at` on; existing purchases stay as they are."""
    db.execute(query("close_package_versions"), {"code": code, "arm": arm, "currency": None, "at": at})


def price_test_arm(workspace_id: str, test: str, arms: tuple[str, ...]) -> str:
    """Return the arm of a workspace: a hash of test and id, equal to the SQL function of the same name."""
    digest = hashlib.md5(f"{test}:{workspace_id}".encode(), usedforsecurity=False).hexdigest()
    return arms[int(digest[:15], 16) % len(arms)]


def require_price_test(
    test: str, arms: tuple[str, ...], *, starts_at: datetime, ends_at: datetime | None
) -> None:
    """Raise `InvalidCatalogue` about the name, the arms or the end of a price test."""
    if not TEST_NAME.fullmatch(test):
        detail = "Use 1 to 64 of a-z 0-9 _ - for the name, a letter or digit first."
        raise InvalidCatalogue(detail, what="name")
    if not ARMS[0] <= len(arms) <= ARMS[-1]:
        raise InvalidCatalogue(f"Choose {ARMS[0]} to {ARMS[-1]} arms.", what="arms")
    if ends_at is not None and ends_at <= starts_at:
        raise InvalidCatalogue("Choose an end after the start.", what="end")


def start_price_test(
    db: Connection,
    test: str,
    arms: tuple[str, ...],
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    actor: str,
) -> PriceTest:
    """Start a price test. Raises `InvalidCatalogue`, and `CatalogueConflict` while another covers part of that time.

    Packages of the arms are published with `publish_package(..., arm=...)`; an arm without its own version of
    a package sells the standard one.
    """
    require_price_test(test, arms, starts_at=starts_at, ends_at=ends_at)
    row = {"test": test, "arms": list(arms), "starts_at": starts_at, "ends_at": ends_at, "created_by": actor}
    try:
        stored = db.execute(query("add_price_test"), row).mappings().one_or_none()
    except IntegrityError as error:
        raise InvalidCatalogue("A price test has this name already.", what="name") from error
    if stored is None:
        detail = "another price test runs at that time"
        raise CatalogueConflict(detail)
    return _price_test(stored)


def end_price_test(db: Connection, test: str, *, at: datetime) -> PriceTest:
    """Stop offering the arms from `at` on. Raises `UnknownPriceTest` when it does not run then."""
    row = db.execute(query("end_price_test"), {"test": test, "at": at}).mappings().one_or_none()
    if row is None:
        raise UnknownPriceTest(test)
    return _price_test(row)


def list_price_tests(db: Connection) -> list[PriceTest]:
    """Return every price test, latest first."""
    return [_price_test(row) for row in db.execute(query("price_tests")).mappings()]


def running_price_test(db: Connection, *, at: datetime) -> PriceTest | None:
    """Return the price test that runs at `at`, if one does."""
    row = db.execute(query("price_test_at"), {"at": at}).mappings().one_or_none()
    return None if row is None else _price_test(row)


def list_plans(db: Connection) -> list[PlanTerms]:
    """Return every plan, the smallest first."""
    return sorted(
        (PlanTerms(**row) for row in db.execute(query("plan_list")).mappings()), key=lambda plan: plan.minutes
    )


def list_plan_prices(db: Connection) -> list[PlanPrice]:
    """Return every Stripe price of a plan, on sale or not."""
    return [PlanPrice(**row) for row in db.execute(query("plan_prices")).mappings()]


def product_of_plan(db: Connection, plan: str, billing_cycle: str) -> str | None:
    """Return the Stripe product of the newest price of a plan and cycle, or None."""
    prices = [
        price for price in list_plan_prices(db) if (price.plan, price.billing_cycle) == (plan, billing_cycle)
    ]
    return next((price.product_id for price in prices if price.product_id), None)


def publish_plan_price(
    db: Connection,
    price_id: str,
    *,
    product_id: str | None,
    plan: str,
    billing_cycle: str,
    amount_cents: int,
    currency: str = "usd",
    months: int | None = None,
    valid_from: datetime,
    actor: str,
) -> None:
    """Map a Stripe price to a plan and cycle; subscriptions on the previous price keep it.

    `months`: length of one period; None: read from Stripe with the first invoice.
    """
    price = {
        "price_id": price_id,
        "product_id": product_id,
        "plan": plan,
        "billing_cycle": billing_cycle,
        "amount_cents": amount_cents,
        "currency": currency,
        "months": months,
        "valid_from": valid_from,
        "created_by": actor,
    }
    db.execute(query("close_plan_prices"), price | {"at": valid_from})
    try:
        db.execute(query("add_plan_price"), price)
    except IntegrityError as error:
        detail = "A price must map to an existing plan, monthly or annual, in a currency of three lower-case letters."
        raise InvalidCatalogue(detail) from error


def package_facts(package: Package) -> dict[str, object]:
    """Return the package facts that a purchase copies."""
    copied = ("minutes", "amount_cents", "currency")
    row = asdict(package)
    return {name: row[name] for name in copied} | {
        "package": package.code,
        "package_version": package.version,
        "package_arm": package.arm,
        "package_name": package.name,
    }


def _price_test(row: object) -> PriceTest:
    values = dict(row)  # type: ignore[call-overload]
    return PriceTest(**values | {"arms": tuple(values["arms"])})
