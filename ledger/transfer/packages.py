"""Packages of imported purchases: one of the catalogue, or a version sold only in the past."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.payments.catalogue import Package, list_package_versions
from ledger.payments.package_terms import CENTS, MINUTES, NAME_AT_MOST

PAST_ARM = "imported"
"""Arm of versions that were sold elsewhere; they are never on offer."""


@dataclass(frozen=True, kw_only=True)
class Sold:
    """What several purchases share; None where the files don't say."""

    package: str | None
    minutes: int | None
    amount_cents: int
    currency: str
    first_at: Any


def name_packages(db: Connection, actor: str) -> None:
    """Set package, version and minutes of every staged purchase; refuse those with unknown minutes."""
    known = list_package_versions(db)
    for row in db.execute(query("transfer_packages_to_find")).mappings().all():
        sold = Sold(**row)
        alike = {name: row[name] for name in ("package", "minutes", "amount_cents", "currency")}
        version = _version(known, sold)
        minutes = sold.minutes or (version.minutes if version else None)
        if minutes is None or minutes not in MINUTES or sold.amount_cents not in CENTS:
            reason = "minutes: unknown for this package: map a column, or name it under values.package"
            db.execute(query("transfer_refuse_package"), {**alike, "reason": reason})
            continue
        if version is None or not _is_same(version, sold, minutes):
            version = _past_version(db, sold, version, minutes, actor)
            known.append(version)
        chosen = {
            "code": version.code,
            "version": version.version,
            "arm": version.arm,
            "package_name": version.name,
        }
        db.execute(
            query("transfer_set_package"),
            {**alike, "version_minutes": minutes, "version": json.dumps(chosen)},
        )


def _version(known: list[Package], sold: Sold) -> Package | None:
    """Return the best version: one that is equal in everything, otherwise the newest of the same name."""
    named = [each for each in known if sold.package is None or _names(each, sold.package)]
    same = [each for each in named if _is_same(each, sold, sold.minutes or each.minutes)]
    if same:
        return max(same, key=lambda each: (each.arm == "standard", each.version))
    if sold.package is None:
        return None
    return max(named, key=lambda each: (each.arm == "standard", each.version), default=None)


def _names(package: Package, words: str) -> bool:
    """Whether words such as `Extra minutes Medium` end in the name of this package."""
    plain = words.strip().lower()
    return any(plain == name or plain.endswith(f" {name}") for name in (package.code, package.name.lower()))


def _is_same(package: Package, sold: Sold, minutes: int) -> bool:
    return (package.minutes, package.amount_cents, package.currency) == (
        minutes,
        sold.amount_cents,
        sold.currency,
    )


def _past_version(db: Connection, sold: Sold, alike: Package | None, minutes: int, actor: str) -> Package:
    words = sold.package or f"{minutes} minutes"
    code = alike.code if alike else _code(words)
    row = {
        "code": code,
        "arm": PAST_ARM,
        "name": (alike.name if alike else words)[:NAME_AT_MOST],
        "tagline": None,
        "minutes": minutes,
        "amount_cents": sold.amount_cents,
        "currency": sold.currency,
        "valid_from": sold.first_at,
        "valid_to": sold.first_at,
        "stripe_product": None,
        "stripe_price": None,
        "created_by": actor,
    }
    return Package(**db.execute(query("add_package_version"), row).mappings().one())


def _code(words: str) -> str:
    plain = re.sub("[^a-z0-9]+", "-", words.lower()).strip("-")
    return (plain if plain[:1].isalpha() else f"package-{plain}")[:40].rstrip("-")
