"""The usage bar of a workspace: filled is used, in another colour once extra minutes are in use."""

from dataclasses import dataclass
from html import escape

from dashboard.text import decimal, minutes

FULL = 100
LOW_FROM = 80  # percent: the first usage alert


@dataclass(frozen=True)
class Usage:
    """The values of the bar: minutes left in both pools, and the gauge base, which is 0% used."""

    plan_minutes: int
    extra_minutes: int
    gauge_base: int

    @property
    def left(self) -> int:
        """Return the minutes that are left in both pools."""
        return self.plan_minutes + self.extra_minutes

    @property
    def percent(self) -> float | None:
        """Return the used percentage, rounded down to one decimal; None if nothing was credited."""
        if self.gauge_base <= 0:
            return None
        return min(1000 * (self.gauge_base - self.left) // self.gauge_base / 10, FULL)

    @property
    def using_extra(self) -> bool:
        """Return whether plan minutes are gone and extra minutes are in use."""
        return self.plan_minutes <= 0 < self.extra_minutes

    @property
    def state(self) -> str:
        """Return `empty`, `low`, `extra` or `plan`: the colour of the bar."""
        if self.left <= 0:
            return "empty"
        if (self.percent or 0) >= LOW_FROM:
            return "low"
        return "extra" if self.using_extra else "plan"


def bar(usage: Usage, *, label: str = "Minutes used", large: bool = False) -> str:
    """Return the bar as HTML; it is a progress bar for screen readers, too."""
    size = " large" if large else ""
    percent = usage.percent
    if percent is None:
        return f'<div class="usage none{size}" role="img" aria-label="{escape(label)}: nothing was credited"></div>'
    said = f"{decimal(percent, 1)}% used, {minutes(usage.left)} left"
    return (
        f'<div class="usage {usage.state}{size}" role="progressbar" aria-label="{escape(label)}" aria-valuemin="0" '
        f'aria-valuemax="{FULL}" aria-valuenow="{percent:g}" aria-valuetext="{escape(said)}" title="{escape(said)}">'
        f'<span style="width:{percent:g}%"></span></div>'
    )
