"""Sign-in sessions: ended by their owner everywhere, or by an administrator."""

from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.text import counted
from ledger.desk import sessions


@needs("view_metrics")
def sign_out_everywhere(operator: Operator, *, key: str) -> ActionResult:
    """End every session of the person who asks, in all browsers. Raises NotAllowed."""
    with acting(operator, key) as act:
        if act.seen("sign_out_everywhere"):
            return ActionResult("You are already signed out everywhere.", repeated=True)
        ended = sessions.end_sessions_of(act.db, operator.actor, because="signed_out_everywhere", at=act.at)
        act.record("sign_out_everywhere", subject=operator.actor, after={"sessions": ended})
    return ActionResult(f"Signed out of {counted(ended, '{n} browser', '{n} browsers')}.")


@needs("manage_staff")
def end_sessions(operator: Operator, email: str, *, key: str) -> ActionResult:
    """End every session of a person, who may sign in again. Raises NotAllowed."""
    with acting(operator, key) as act:
        if act.seen("end_sessions"):
            return ActionResult("These sessions were already ended.", repeated=True)
        ended = sessions.end_sessions_of(act.db, email, because="ended_by_administrator", at=act.at)
        act.record("end_sessions", subject=email, after={"sessions": ended})
    return ActionResult(f"{counted(ended, '{n} session', '{n} sessions')} of {email} ended.")
