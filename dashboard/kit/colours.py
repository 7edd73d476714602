"""Seven colours, one meaning each, in a light and a dark value; all charts and bars take them from here."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

Token = Literal["plan", "extra", "used", "unmet", "refunded", "up", "down"]
BACKGROUND = {"light": "#FFFFFF", "dark": "#10161D"}
TOKENS: Mapping[str, Mapping[Token, str]] = {
    "light": {
        "plan": "#0072B2",
        "extra": "#B98A00",
        "used": "#5B6772",
        "unmet": "#A83200",
        "refunded": "#8A4FC0",
        "up": "#00735C",
        "down": "#8F1D2C",
    },
    "dark": {
        "plan": "#4FB0E8",
        "extra": "#F2C94C",
        "used": "#93A1AE",
        "unmet": "#F0692B",
        "refunded": "#CDB0FF",
        "up": "#3CC794",
        "down": "#FF6B81",
    },
}
QUIET = {"light": "#5B6772", "dark": "#93A1AE"}
"""Axes, notes and labels."""
LINES = {"light": "#E3E8ED", "dark": "#26313B"}
"""Grid lines, fainter than any data."""
STEPS = {
    "light": ("#9CC9E6", "#5EA5D2", "#1B79B5", "#074D7C", "#04375A"),
    "dark": ("#D3EAF8", "#8CCBF0", "#4FB0E8", "#2A82B8", "#1C5C85"),
}
"""One hue in steps for things that have an order, such as package sizes; the strongest stands out from the page."""


def theme() -> str:
    """Return `light` or `dark`, as this browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def colour(token: Token) -> str:
    """Return the colour of a meaning in the theme of this browser."""
    return TOKENS[theme()][token]


def faint(token: Token, opacity: float = 0.22) -> str:
    """Return the colour as a fill behind a line, strong enough for the dark theme too."""
    value = colour(token)
    red, green, blue = (int(value[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
