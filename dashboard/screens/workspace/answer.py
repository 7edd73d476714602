"""The answer to "Why is this my balance?", as text that support can send."""

from collections.abc import Sequence
from datetime import datetime

from dashboard.text import counted, day, decimal, money
from ledger.minutes import Balance, LotStory

LISTED = 12


def answer(balance: Balance, stories: Sequence[LotStory], at: datetime, events: Sequence[str] = ()) -> str:
    """Return plain English without markup: what came in, what went out, what is left, how that adds up; and events."""
    lines = [
        "On {day} you have {n} left: {plan} and {extra}.".format(
            day=day(at),
            n=counted(balance.total_minutes, "{n} minute", "{n} minutes"),
            plan=counted(balance.plan_minutes, "{n} plan minute", "{n} plan minutes"),
            extra=counted(balance.extra_minutes, "{n} extra minute", "{n} extra minutes"),
        ),
        "",
        "How this came about:",
    ]
    earlier, shown = stories[:-LISTED], stories[-LISTED:]
    if earlier:
        lines.append("- " + _earlier(earlier))
    lines += ["- " + _sentence(story) for story in shown]
    lines += ["", _sum(stories)]
    if any(story.remaining < 0 for story in stories):
        lines.append("Some use was reported late and was covered by minutes credited afterwards.")
    lines.append(
        "Plan minutes are always used first, then extra minutes, the oldest first. They do not expire."
    )
    return "\n".join([*lines, *also(events)])


def also(events: Sequence[str]) -> list[str]:
    """Return the lines about events that moved no minutes."""
    return ["", "Also:", *(f"- {event}" for event in events)] if events else []


def _earlier(stories: Sequence[LotStory]) -> str:
    credited, left = sum(s.minutes for s in stories), sum(s.remaining for s in stories)
    return "{n} until {day}: {credited}, of which {left} are left.".format(
        n=counted(len(stories), "{n} earlier credit", "{n} earlier credits"),
        day=day(stories[-1].acquired_at),
        credited=counted(credited, "{n} minute", "{n} minutes"),
        left=decimal(left),
    )


def _sentence(story: LotStory) -> str:
    origin = {
        "allocation": "{n} with your plan",
        "reset": "{n} for the new month of your plan",
        "grant": "{n} as a grant",
        "purchase": "{n} bought",
    }[story.credited_by].format(n=counted(story.minutes, "{n} minute", "{n} minutes"))
    paid = ""
    if story.amount_cents is not None and story.currency:
        receipt = f", receipt {story.receipt_number}" if story.receipt_number else ""
        paid = f" ({story.package_name}, {money(story.amount_cents, story.currency)}{receipt})"
    return f"{day(story.acquired_at)}: {origin}{paid}. " + " ".join(_gone(story))


def _gone(story: LotStory) -> list[str]:
    parts = []
    if story.used and story.first_use_at and story.last_use_at:
        first, last = day(story.first_use_at), day(story.last_use_at)
        span = f"on {first}" if first == last else f"from {first} to {last}"
        parts.append(f"{decimal(story.used)} used {span}.")
    for number, words in (
        (story.refunded, "{n} were taken back with a refund."),
        (story.disputed, "{n} were taken back because the payment was disputed."),
        (story.voided, "{n} were taken back unused."),
        (story.restored, "{n} were given back."),
    ):
        if number:
            parts.append(words.format(n=decimal(number)))
    parts.append(f"{decimal(story.remaining)} left.")
    return parts


def _sum(stories: Sequence[LotStory]) -> str:
    terms = [
        (sum(s.minutes for s in stories), "", "credited"),
        (sum(s.used for s in stories), " − ", "used"),
        (sum(s.refunded for s in stories), " − ", "refunded"),
        (sum(s.disputed for s in stories), " − ", "disputed"),
        (sum(s.voided for s in stories), " − ", "taken back"),
        (sum(s.restored for s in stories), " + ", "given back"),
    ]
    written = "".join(f"{sign}{decimal(n)} {name}" for n, sign, name in terms if n or not sign)
    return f"In total: {written} = {decimal(sum(s.remaining for s in stories))} left."
