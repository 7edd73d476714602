"""Schedules that write in the words of screens; the worker runs them in whatever process it works."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dashboard import installation
from ledger.database import reading
from ledger.notify import list_reports, send_reports
from ledger.schedules import Schedule, WorkerContext, mail_server_of

if TYPE_CHECKING:
    from datetime import datetime

EVERY_SECONDS = 10 * 60


def _send_reports(context: WorkerContext, at: datetime) -> None:
    """Send the reports that are due. Screens are loaded only where somebody subscribed to one."""
    with reading(context.engine) as db:
        if not list_reports(db):
            return
    installation.use_if_none(lambda: _installation_of(context))
    # Screens have caches, and Streamlit warns of caches that are made before it runs.
    logging.getLogger("streamlit.runtime.caching.cache_data_api").setLevel(logging.ERROR)
    from dashboard.screens.reports import compose  # noqa: PLC0415

    send_reports(context.engine, mail_server_of(context.settings), compose, at=at)


def _installation_of(context: WorkerContext) -> installation.Installation:
    """Return what a worker works with, for the screens; a process of its own has no other."""
    copy = installation.open_copy(context.settings)
    return installation.Installation(context.engine, context.settings, dict(context.gateways), copy)


SCHEDULES = [Schedule("reports", EVERY_SECONDS, _send_reports, long=True)]
