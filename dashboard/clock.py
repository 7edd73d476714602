"""The dashboard's only clock: the time of a read may be set by `?at=`, the time of a write never."""

from datetime import UTC, datetime


def present() -> datetime:
    """The present time in UTC, for everything that is written."""
    return datetime.now(UTC)


def now() -> datetime:
    """The time a page reads at: `?at=` (ISO 8601, UTC when it has no offset), else the present."""
    return as_of() or present()


def as_of() -> datetime | None:
    """The time asked for by `?at=`, or None when there is none or it cannot be read."""
    import streamlit as st  # noqa: PLC0415  processes of the HTTP interface alone never load it

    asked = st.query_params.get("at", "")
    try:
        moment = datetime.fromisoformat(asked)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
