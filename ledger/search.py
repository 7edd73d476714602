"""Search: find a workspace by anything a customer may quote."""

from sqlalchemy import Connection

from ledger.database import query


def sources(db: Connection) -> frozenset[str]:
    """Which kinds of workspace this database holds: live, stripe_test, sandbox, demo."""
    return frozenset(db.execute(query("sources")).scalars())
