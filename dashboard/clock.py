"""The dashboard's only clock: the time of a read may be set by `?at=`, the time of a write never."""

from datetime import UTC, datetime


def present() -> datetime:
    """Return the present time in UTC, for everything that is written."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the time a page reads at: `?at=` (ISO 8601, UTC when it has no offset), else the present."""
    return as_of() or present()


def as_of() -> datetime | None:
    """Return the time of `?at=`, or None when it is missing or malformed."""
    import streamlit as st  # noqa: PLC0415  processes of the HTTP interface alone never load it

    requested = st.query_params.get("at", "")
    try:
        moment = datetime.fromisoformat(requested)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
