"""E-mails to customers whose bank requires confirmation of a top-up, with the confirmation address."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ledger.database import query, reading, writing
from ledger.minutes.workspaces import get_workspace
from ledger.notify.channels import MailServer, Notice, Target, deliver
from ledger.payments.portal import CONFIRMATION_LIFETIME, confirmation_url

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine, Row

log = logging.getLogger(__name__)
ACTOR = "auto top-up"


def mail_confirmations(
    engine: Engine, server: MailServer, public_url: str | None, *, at: datetime, limit: int = 50
) -> int:
    """E-mail the owners of payments that need confirmation, once each. Return the number of messages that arrived.

    Send nothing without a mail server and PUBLIC_URL. Failed messages are retried for three days.
    """
    if server.url is None or public_url is None:
        return 0
    with reading(engine) as db:
        page = {"since": at - CONFIRMATION_LIFETIME, "limit": limit}
        waiting = db.execute(query("top_ups_to_mail"), page).all()
    return sum(_mail(engine, server, public_url, row, at) for row in waiting)


def _mail(
    engine: Engine, server: MailServer, public_url: str, row: Row[tuple[object, ...]], at: datetime
) -> bool:
    with writing(engine) as db:
        owner = get_workspace(db, row.workspace_id).owner_email
        address = confirmation_url(db, row.workspace_id, public_url, actor=ACTOR, at=at)
    notice = Notice(
        message_id=f"top-up-{row.workspace_id}-{row.epoch}",
        type="top_up.failed",
        at=at,
        subject=f"Confirm your top-up of {row.minutes} minutes",
        text=(
            f"Your bank asks you to confirm the payment for {row.package_name}, {row.minutes} minutes. Nothing was "
            f"charged yet.\n\nConfirm it here within three days:\n{address}\n"
        ),
        data={"workspace_id": row.workspace_id},
    )
    problem = deliver("email", notice, Target(address=owner), server, at=at)
    if problem is not None:
        log.warning("no e-mail about a top-up of %s: %s", row.workspace_id, problem)
        return False
    with writing(engine) as db:
        db.execute(query("top_up_mailed"), {"workspace_id": row.workspace_id, "epoch": row.epoch, "at": at})
    return True
