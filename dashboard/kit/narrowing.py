"""The menu that narrows a page to a plan, a billing cycle or any attribute, and a removable chip for each choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from sqlalchemy import Connection

from dashboard.kit.choices import choice
from dashboard.kit.labels import CYCLE_NAMES, attribute_name, segment_name
from dashboard.text import plain
from dashboard.url import drop_unknown, one_of, parameter, pills, replace_parameters
from ledger.minutes import list_segments
from ledger.payments import catalogue_names

PREFIX = "attribute."
"""Of the parameter of an attribute: `?attribute.country=DE`."""
MOST = 100
"""Most segments of a key in a menu; the URL can name any other."""


@dataclass(frozen=True)
class Menu:
    """One filter: its URL parameter, its label, and its codes with their names."""

    key: str
    label: str
    names: Mapping[str, str]


def of_plan(db: Connection) -> Menu:
    """Return the menu of all plans."""
    return Menu("plan", "Plan", {"": "All plans", **catalogue_names(db).plans})


def of_cycle() -> Menu:
    """Return the menu of billing cycles."""
    return Menu("segment", "Billing cycle", {"": "All billing cycles", **CYCLE_NAMES})


def of_attributes(db: Connection) -> list[Menu]:
    """Return a menu for each attribute that any workspace has."""
    return [_of_attribute(key, segments) for key, segments in list_segments(db, limit=MOST).items()]


def _of_attribute(key: str, segments: Sequence[str]) -> Menu:
    name, requested = attribute_name(key), parameter(PREFIX + key)
    beyond = [requested] if requested and len(segments) >= MOST and requested not in segments else []
    names = {segment: segment_name(segment) for segment in (*segments, *beyond, "none")}
    return Menu(PREFIX + key, name, {"": "All", **names})


def narrow(menus: Sequence[Menu]) -> dict[str, str]:
    """Draw the menus in one popover, and a chip for each choice that removes it; return the choices by parameter."""
    with st.popover("Filter", icon=":material/filter_list:"):
        chosen = {
            menu.key: choice(menu.label, menu.names, key=menu.key, label_visibility="visible")
            for menu in menus
        }
    for menu in menus:
        if code := chosen[menu.key]:
            _chip(menu, code)
    _drop_unknown_attributes(menus)
    return {key: code for key, code in chosen.items() if code}


def _chip(menu: Menu, code: str) -> None:
    name = plain(menu.names[code])
    st.button(
        f"{plain(menu.label)}: {name}" if menu.key.startswith(PREFIX) else name,
        key=f"chip_{menu.key}",
        icon=":material/close:",
        icon_position="right",
        help="Remove this filter",
        on_click=replace_parameters,
        kwargs={menu.key: ""},
    )


def division(db: Connection) -> str:
    """Draw the choice of an attribute to break a table down by, and return it; "" is plan and billing cycle.

    Without attributes nothing is drawn.
    """
    names = {"plans": "Plan and cycle", **{key: attribute_name(key) for key in list_segments(db, limit=MOST)}}
    chosen = one_of("by", list(names), label="Divided by")
    if len(names) > 1:
        pills("Divided by", names, key="by", first="plans", label_visibility="collapsed")
    return "" if chosen == "plans" else chosen


def attributes(chosen: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the attributes among the choices, as pairs of key and segment."""
    return tuple((key.removeprefix(PREFIX), code) for key, code in chosen.items() if key.startswith(PREFIX))


def attributes_in_address() -> list[str]:
    """Return the parameters of attributes in this address."""
    return [name for name in st.query_params if name.startswith(PREFIX)]


def _drop_unknown_attributes(menus: Sequence[Menu]) -> None:
    """Report attributes in the URL that no workspace has, and drop them."""
    known = {menu.key for menu in menus}
    for name in attributes_in_address():
        if name not in known:
            drop_unknown(name, f"the attribute {name.removeprefix(PREFIX)[:40]}")
