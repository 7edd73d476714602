"""The Workspaces page: a table ordered by need; whatever is typed finds, ranked, with the match highlighted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from dashboard import navigation, url
from dashboard.access import Operator
from dashboard.clock import now
from dashboard.installation import reading_copy
from dashboard.kit import exports, first_use, narrowing, template
from dashboard.kit.labels import attribute_name
from dashboard.screens import attention, search_columns
from dashboard.screens.search_columns import need_of
from dashboard.text import counted, decimal, plain, unlinked
from ledger.desk import (
    STATES,
    SearchFilters,
    WorkspaceMatch,
    count_needs,
    list_by_need,
    notes,
    search_event_key,
    search_workspaces,
)
from ledger.errors import InvalidText
from ledger.minutes import list_segments
from ledger.payments import catalogue_names

PAGE = 25
IN_A_FILE = 1_000
"""Rows that a file reads at once."""
RECENT = timedelta(days=30)
COUNTED = 1_000
STATE_NAMES = {"plan": "Plan minutes", "extra": "Extra minutes", "empty": "Nothing left"}
SELF_EXPLAINING = {"", "name starts", "name contains", "email starts", "email contains", "id starts"}
NAMES_WIDTH = 448  # pixels: an id and an address beside each other


@dataclass(frozen=True)
class Wanted:
    """The search text and the active filters."""

    text: str
    filters: SearchFilters

    def matches(self, db: Connection, *, at: datetime, after: str | None, limit: int) -> list[WorkspaceMatch]:
        """Return what was typed, or everybody by need, from a place on."""
        more: Mapping[str, Any] = {"after": after, "limit": limit, "filters": self.filters, "at": at}
        return search_workspaces(db, self.text, **more) if self.text else list_by_need(db, **more)

    def each(self, db: Connection, *, at: datetime) -> Iterator[WorkspaceMatch]:
        """Return every match, read a part at a time."""
        after = None
        while part := self.matches(db, at=at, after=after, limit=IN_A_FILE):
            yield from part
            after = part[-1].after


def field() -> str:
    """Draw the search field, which has the eye first, and return what was typed."""
    return url.text(
        "Search",
        key="q",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="Name, id, e-mail, payment, invoice or receipt",
        help="Also a Stripe customer, a charge or a purchase: anything a customer may quote.",
        label_visibility="collapsed",
    )


def chosen_filters(db: Connection) -> SearchFilters:
    """Draw the filter row and return what is chosen."""
    with st.container(horizontal=True, vertical_alignment="center", key="q_filters"):
        plan = url.pills("Plan", catalogue_names(db).plans, key="plan", label_visibility="collapsed")
        state = url.pills(
            "State",
            {state: STATE_NAMES[state] for state in STATES},
            key="state",
            label_visibility="collapsed",
        )
        low = url.toggle("Low balance", key="low", help="80% or more is used.")
        hit = url.toggle("Recent limit hit", key="hit", help="In the last 30 days.")
        disputed = url.toggle("Disputed", key="disputed")
        menus = narrowing.of_attributes(db)
        attributes = narrowing.attributes(narrowing.narrow(menus)) if menus else ()
    return SearchFilters(
        plan=next(iter(plan), None),
        state=next(iter(state), None),
        low=low,
        hit_since=now() - RECENT if hit else None,
        disputed=disputed,
        attributes=attributes,
    )


def answer(db: Connection, operator: Operator, latest: WorkspaceMatch | None) -> None:
    """Draw who needs help now, what else waits, and the next action for each. `latest`: who was blocked last."""
    needs = count_needs(db, at=now(), most=COUNTED)
    waiting = attention.read(db, operator)
    urgent = bool(needs["blocked"] or waiting.sentence)
    template.answer(sentence(needs) + waiting.sentence, tone="attention" if urgent else "good")
    attention.show(waiting, operator, needs["blocked"] if latest else 0, latest)


def sentence(needs: Mapping[str, int]) -> str:
    """Return how many workspaces are blocked and how many run low; `COUNTED` stands for that many and more."""
    blocked, low = (
        counted(needs[need], one, many).replace(decimal(COUNTED), f"{decimal(COUNTED)}+")
        for need, one, many in (
            ("blocked", "{n} workspace is blocked", "{n} workspaces are blocked"),
            ("low", "{n} runs low", "{n} run low"),
        )
    )
    if needs["blocked"]:
        return f"**{blocked}** now" + (f"; {low}." if needs["low"] else ".")
    return f"No workspace is blocked; **{low}**." if needs["low"] else "No workspace is blocked or runs low."


def opened(db: Connection, operator: Operator) -> None:
    """Draw pinned and recently opened workspaces, one click away."""
    rows = notes.list_opened(db, operator.actor)
    if not rows:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="q_opened"):
        st.caption("Pinned and recently opened", width="content")
        for row in rows:
            _link(
                row.workspace_id,
                plain(row.name if operator.may("view_personal_data") else row.workspace_id),
                icon=":material/keep:" if row.pinned else ":material/history:",
            )


def results(db: Connection, operator: Operator, wanted: Wanted) -> None:
    """Draw one page of the table: what was found, best first, or everybody by need; and the way to the next page."""
    pages = url.places()
    matches = _page(db, wanted, pages)
    if not matches:
        _nothing(db, wanted)
        return
    if wanted == Wanted("", SearchFilters()) and not pages:
        answer(db, operator, matches[0] if need_of(matches[0]) == "blocked" else None)
        opened(db, operator)
    private = operator.may("view_personal_data")
    with st.container(key="q_results", gap=None):
        st.html(search_columns.heading())
        for row in matches[:PAGE]:
            _result(db, row, wanted.text, private=private)
    with st.container(horizontal=True):
        if pages:
            st.button(
                "Back",
                key="q_back",
                icon=":material/arrow_back:",
                on_click=url.choose,
                args=("after", pages[:-1]),
            )
        if len(matches) > PAGE:
            st.button(
                f"Next {PAGE}",
                key="q_next",
                icon=":material/arrow_forward:",
                on_click=url.choose,
                args=("after", [*pages, matches[PAGE - 1].after]),
            )
        exports.offer("CSV", partial(file, wanted, now(), private=private), "workspaces.csv", key="q_csv")


def _page(db: Connection, wanted: Wanted, pages: list[str]) -> list[WorkspaceMatch]:
    """Return a page and one row more; a place that the address has wrong is said and dropped."""
    try:
        return wanted.matches(db, at=now(), after=pages[-1] if pages else None, limit=PAGE + 1)
    except InvalidText:
        url.drop_unknown("after", "Page")
        pages.clear()
        return wanted.matches(db, at=now(), after=None, limit=PAGE + 1)


def file(wanted: Wanted, at: datetime, write: exports.WriteRows = exports.as_csv, *, private: bool) -> bytes:
    """Return every workspace that was searched for, in the order of the table, as a file."""
    with reading_copy() as db:
        keys = list(list_segments(db))
        rows = [search_columns.cells(row, keys, private=private) for row in wanted.each(db, at=at)]
    head = f"workspaces; rows {len(rows)}; minutes left {sum(row['minutes_left'] for row in rows)}"
    return write(rows, head)


def _result(db: Connection, row: WorkspaceMatch, text: str, *, private: bool) -> None:
    """Draw one row: the name as a link, what identifies it, and the cells."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"q_{row.workspace_id}"):
        with st.container(gap=None, width=NAMES_WIDTH, key=f"qn_{row.workspace_id}"):
            _link(row.workspace_id, highlighted(row.name if private else row.workspace_id, text))
            st.caption(_identity(row, text, private=private))
        st.html(search_columns.line(db, row))


def _identity(row: WorkspaceMatch, text: str, *, private: bool) -> str:
    """Return id, address and by what it was found, in small print."""
    parts = [f"`{row.workspace_id}`"]
    if private:
        parts.append(unlinked(highlighted(row.owner_email, text)))
    if row.matched == "attribute":
        parts += [
            f"{attribute_name(key)}: {highlighted(str(value), text)}"
            for key, value in row.attributes.items()
            if str(value).casefold().startswith(text.casefold())
        ]
    elif row.matched not in SELF_EXPLAINING:
        parts.append(f"found by {row.matched}")
    return " · ".join(parts)


def _nothing(db: Connection, wanted: Wanted) -> None:
    if not wanted.text and wanted.filters == SearchFilters():
        first_use.checklist(db)
        return
    st.info("Nothing found. Check the filters, or try fewer letters.", icon=":material/search_off:")
    if not wanted.text:
        return
    if st.button(
        "Search event keys",
        key="q_event_key",
        help="Searches the bookings of every workspace, which is slower.",
    ):
        ids = search_event_key(db, wanted.text)
        for workspace_id in ids:
            _link(workspace_id, f"`{workspace_id}`")
        if not ids:
            st.caption("No workspace has a booking with this key.")


def highlighted(text: str, part: str) -> str:
    """Return the text as Markdown, letter by letter, with every occurrence of `part` in bold."""
    if not part:
        return plain(text)
    pieces = re.split(f"({re.escape(part)})", text, flags=re.IGNORECASE)
    return "".join(
        f"**{plain(piece)}**" if index % 2 and piece.strip() == piece else _spaced(piece)
        for index, piece in enumerate(pieces)
    )


def _spaced(piece: str) -> str:
    """Return `plain`, which trims, without losing the spaces at both ends."""
    before, after = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
    return f"{before and ' '}{plain(piece)}{after and ' ' if piece.strip() else ''}"


def _link(workspace_id: str, label: str, **options: Any) -> None:
    st.page_link(navigation.address("workspace"), label=label, query_params={"id": workspace_id}, **options)
