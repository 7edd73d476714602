"""What waits is counted beside its page, for those who may open it."""

from sqlalchemy import Engine

from dashboard.access import DEMO_STAFF
from dashboard.panels import waiting
from tests.pages.visits import use

SUPPORT, VIEWER = (
    next(one for one in DEMO_STAFF.values() if one.role == role) for role in ("support", "viewer")
)


def test_approvals_are_counted_for_who_may_see_them_and_for_nobody_else(engine: Engine) -> None:
    use(engine)

    assert waiting.counts(SUPPORT) == {"approvals": 0}
    assert waiting.counts(VIEWER) == {}
