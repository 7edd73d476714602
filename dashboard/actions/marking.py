"""Annotations, goals, alerts and saved views: what readers of metrics leave for each other."""

from datetime import datetime
from uuid import UUID, uuid4

from dashboard.access import Operator
from dashboard.actions.acting import Done, acting, needs
from dashboard.text import _
from ledger import annotations


@needs("view_metrics")
def annotate_charts(
    operator: Operator, annotation_id: UUID, text: str, *, kind: str, happened_at: datetime
) -> Done:
    """Keep something that readers of charts must know. Raises NotAllowed, InvalidText, InvalidTime."""
    with acting(operator, f"annotation:{annotation_id}") as act:
        if act.seen("annotate"):
            return Done(_("This annotation was kept already."), repeated=True)
        annotations.annotate(
            act.db, annotation_id, text, kind=kind, happened_at=happened_at, actor=operator.actor
        )
        act.record("annotate", subject=str(annotation_id), after={"text": text, "kind": kind})
    return Done(_("Annotation kept: it is drawn on the charts."))


@needs("view_metrics")
def set_metric_goal(operator: Operator, metric: str, value: float | None, *, source: str) -> Done:
    """Set or remove the goal of a metric. Raises NotAllowed, UnknownMetric."""
    with acting(operator, f"goal:{uuid4()}") as act:
        annotations.set_goal(act.db, metric, value, source=source, actor=operator.actor, at=act.at)
        act.record("set_goal", subject=metric, after={"value": value, "source": source})
    return Done(_("Goal set.") if value is not None else _("Goal removed."))
