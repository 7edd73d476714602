"""States in tables: one word for each, and the same colour for the same word on every page."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import streamlit as st

StateColour = Literal["green", "blue", "orange", "red", "gray"]
COLOURS: Mapping[str, StateColour] = {
    # as it should be
    "Paid": "green",
    "Done": "green",
    "Delivered": "green",
    "On time": "green",
    "Active": "green",
    "On sale": "green",
    "Accepted": "green",
    "Yes": "green",
    "Finished": "green",
    # money or minutes went back, or it is under way
    "Refunded": "blue",
    "Partly refunded": "blue",
    "Processing": "blue",
    "Running": "blue",
    "Planned": "blue",
    # somebody must act
    "Awaiting payment": "orange",
    "Awaiting cardholder": "orange",
    "Waiting": "orange",
    "Retrying": "orange",
    "Still open": "orange",
    "Inquiry": "orange",
    "Stopped": "orange",
    # went wrong
    "Failed": "red",
    "Held back": "red",
    "Disputed": "red",
    "Dispute": "red",
    "Refused": "red",
    "Rejected": "red",
    "Late": "red",
    "Lost": "red",
}
"""What is in no list, such as `Canceled` or `Ignored`, is gray: nothing came of it and nothing is to be done."""
PURCHASES: Mapping[str, str] = {
    "paid": "Paid",
    "requires_payment": "Awaiting payment",
    "requires_action": "Awaiting cardholder",
    "processing": "Processing",
    "failed": "Failed",
    "canceled": "Canceled",
    "quarantined": "Held back",
    "partially_refunded": "Partly refunded",
    "refunded": "Refunded",
    "disputed": "Disputed",
}
"""States of a purchase, the commonest first."""
WIDTH = 150  # pixels: the grid fits a column to its first rows, and "Awaiting cardholder" may come later


def colour_of(state: str) -> StateColour:
    """Return the colour of a state as it is written."""
    return COLOURS.get(state, "gray")


def column(label: str, names: Iterable[str], *, width: int = WIDTH) -> Any:
    """Return a column of states as coloured labels; `names`: every state that may come."""
    options = list(dict.fromkeys(names))
    return st.column_config.MultiselectColumn(
        label, options=options, color=[colour_of(name) for name in options], width=width
    )


def shows(look: Any) -> bool:
    """Return whether a column shows states: its cells are lists for Streamlit."""
    kind: Any = look.get("type_config") if isinstance(look, dict) else None
    return isinstance(kind, dict) and kind.get("type") == "multiselect"


def cells(values: Iterable[Any]) -> list[list[str]]:
    """Return states as the cells of their column; an empty one has no label."""
    return [[value] if isinstance(value, str) and value else [] for value in values]
