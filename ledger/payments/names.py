"""Display names of plans and packages; their codes are for programs."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.database import query
from ledger.snapshot_cache import fetch


@dataclass(frozen=True)
class CatalogueNames:
    """Names by code: of plans, the smallest first, and of packages by their newest version."""

    plans: Mapping[str, str]
    packages: Mapping[str, str]


def catalogue_names(db: Connection) -> CatalogueNames:
    """Return the names of everything that is or was sold; within one snapshot it is read once."""
    rows = fetch(db, query("catalogue_names"), {})
    of_kind = {kind: {row.code: row.name for row in rows if row.kind == kind} for kind in ("plan", "package")}
    return CatalogueNames(of_kind["plan"], of_kind["package"])
