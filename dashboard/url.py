"""Query parameters, read in one place: everything in an address is text somebody may have typed.

The fields here keep what they hold in the address by themselves and not by Streamlit's `bind`: when a page with bound
fields is left, that writes an address between the two pages without what they held, and there the browser's Back
arrives.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from dashboard import installation, navigation
from dashboard.text import plain

WORKSPACE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
LONGEST = 200
FORMERLY: Mapping[str, tuple[str, ...]] = {
    "q": ("events_q", "audit_text"),
    "workspace": ("audit_workspace",),
    "plan": ("q_plan",),
    "state": ("q_state", "events_status"),
    "low": ("q_low",),
    "hit": ("q_hit",),
    "disputed": ("q_disputed",),
    "show": ("warnings_show",),
    "tab": ("ws_tab", "catalogue_tab", "staff_tab"),
    "page": ("purchases_page", "pending_page"),
}
"""Former names of parameters, so that bookmarked addresses still open."""
ON, OFF = frozenset({"1", "true"}), frozenset({"0", "false"})
PLACES = ("before", "after", "page", *FORMERLY["page"])
"""Where in a list one is."""


def dashboard_address() -> str:
    """Return the address of this dashboard for colleagues and Stripe: PUBLIC_URL, else the one in the browser."""
    if public := installation.settings().public_url:
        return public
    parts = urlsplit(st.context.url or "http://127.0.0.1:8501")
    return f"{parts.scheme}://{parts.netloc}"


def parameter(name: str, default: str = "") -> str:
    """Return the value of `?name=`, without surrounding space and at most 200 characters."""
    return next(iter(_typed(name)), default).strip()[:LONGEST]


def _typed(name: str) -> list[str]:
    """Return every value of a parameter, under the name that it has or had."""
    named = (st.query_params.get_all(one) for one in (name, *FORMERLY.get(name, ())))
    return next((values for values in named if values), [])


def replace_parameters(**values: str | Sequence[str]) -> None:
    """Put values into the address that ask another question; an empty one goes out.

    A list that is shown by pages begins at its first.
    """
    _write(values, besides=PLACES)


def put(name: str, value: str) -> None:
    """Put a value into the address that leaves a list at its page; an empty one goes out."""
    _write({name: value})


def _write(values: Mapping[str, str | Sequence[str]], *, besides: Sequence[str] = ()) -> None:
    """Put values into the address in one step, so that one Back undoes them. `besides`: what else goes out."""
    former = (one for name in values for one in FORMERLY.get(name, ()))
    gone = {*values, *former, *besides}
    others = {one: st.query_params.get_all(one) for one in st.query_params if one not in gone}
    st.query_params.from_dict({**others, **{name: value for name, value in values.items() if value}})


def drop_unknown(name: str, label: str) -> None:
    """Take a value that means nothing out of the address, and say so once."""
    st.toast(
        f"Ignored an unknown value for {label.lower()}: {plain(parameter(name))}", icon=":material/link_off:"
    )
    put(name, "")


def one_of(name: str, codes: Sequence[str], *, label: str) -> str:
    """Return the code in `?name=`; the first one when there is none. An unknown one is said and dropped."""
    wanted = parameter(name)
    if wanted and wanted not in codes:
        drop_unknown(name, label)
    return wanted if wanted in codes else codes[0]


def show_as(widget: str, value: Any) -> None:
    """Let a widget show what the address says.

    It also gets this as its default: what is set here reaches the browser once, and not at all when that very run of
    the page is interrupted by the next.
    """
    if st.session_state.get(widget) != value:
        st.session_state[widget] = value


def number(name: str) -> int | None:
    """Return the whole number in `?name=`, or None when there is none or it is not a number."""
    text = parameter(name)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def pills(
    label: str, names: Mapping[str, str], *, key: str, several: bool = False, first: str = "", **look: Any
) -> list[str]:
    """Draw a choice of codes by their `names` and return the chosen ones; the address has them as `?key=code`.

    An address with the names in place of the codes is understood as well. `first`: what is chosen at first, or nothing.
    """
    if not (chosen := _chosen(names, key)) and parameter(key):
        drop_unknown(key, label)
    chosen = chosen or ([first] if first else [])
    shown: list[str] | str | None = chosen if several else next(iter(chosen), None)
    show_as(f"{key}_pills", shown)
    st.pills(
        label,
        list(names),
        default=shown,
        selection_mode="multi" if several else "single",
        format_func=names.__getitem__,
        key=f"{key}_pills",
        on_change=_choose,
        args=(key,),
        **look,
    )
    return chosen if several else chosen[:1]


def choices(names: Mapping[str, str], key: str) -> list[str]:
    """Return the codes that the address names, for a choice that the page draws itself."""
    return _chosen(names, key)


def places(key: str = "after") -> list[str]:
    """Return where the pages before this one of a list ended, the latest last; `choose` writes them."""
    return st.query_params.get_all(key)


def choose(key: str, codes: Sequence[str]) -> None:
    """Write the codes of such a choice into the address."""
    replace_parameters(**{key: list(codes)})


def _chosen(names: Mapping[str, str], key: str) -> list[str]:
    """Return the codes in the address, written as such or by their names."""
    typed = {value.strip().casefold() for value in _typed(key)}
    return [code for code, name in names.items() if typed & {code.casefold(), name.casefold()}]


def _choose(key: str) -> None:
    """Write the codes that were chosen into the address."""
    replace_parameters(**{key: st.session_state[f"{key}_pills"]})


def tabs(names: Mapping[str, str]) -> dict[str, Any]:
    """Draw tabs and return them by code; the address has the open one as `?tab=code`, unless it is the first."""
    if not (chosen := _chosen(names, "tab")) and parameter("tab"):
        drop_unknown("tab", "Tab")
    opened = next(iter(chosen), next(iter(names)))
    key = _tabs_open_at(names[opened])
    drawn = st.tabs(list(names.values()), key=key, on_change=_open, args=(dict(names), key))
    return dict(zip(names, drawn, strict=True))


def _tabs_open_at(name: str) -> str:
    """Return the widget key of tabs that are open at `name`: another key once the browser has them open elsewhere.

    A browser moves its tabs only when the page says another place than it said before. Whoever clicks a tab and goes
    back at once ends the run that would have said where the click led; the next says what was said before the click,
    and the tabs would stay where they were clicked, under an address that names another. New tabs follow the address.
    """
    times = st.session_state.get("tabs_anew", 0)
    if st.session_state.get(f"tabs_{times}", name) != name:
        times += 1
    st.session_state["tabs_anew"] = times
    show_as(f"tabs_{times}", name)
    return f"tabs_{times}"


def _open(names: Mapping[str, str], key: str) -> None:
    put("tab", code_of(names, st.session_state[key]))


def code_of(names: Mapping[str, str], name: str) -> str:
    """Return the code of a tab as the address has it: the first tab needs none."""
    return next((code for code, each in list(names.items())[1:] if each == name), "")


def text(label: str, *, key: str, **options: Any) -> str:
    """Draw a text field and return its trimmed value; the address has it as `?key=`."""
    typed, widget = parameter(key), f"{key}_field"
    if str(st.session_state.get(widget) or "").strip()[:LONGEST] != typed:  # a space at its end may go on
        st.session_state[widget] = typed
    st.text_input(label, typed, key=widget, max_chars=LONGEST, on_change=_type, args=(key,), **options)
    return typed


def _type(key: str) -> None:
    replace_parameters(**{key: str(st.session_state[f"{key}_field"] or "").strip()[:LONGEST]})


def toggle(label: str, *, key: str, first: bool = False, **options: Any) -> bool:
    """Whether something is switched on: `?key=1`, or `?key=0` where it is on at `first`."""
    typed = parameter(key).casefold()
    if typed and typed not in ON | OFF:
        drop_unknown(key, label)
    on = typed in ON or (first and typed not in OFF)
    show_as(f"{key}_toggle", on)
    st.toggle(label, on, key=f"{key}_toggle", on_change=_switch, args=(key, first), **options)
    return on


def _switch(key: str, first: bool) -> None:
    on = bool(st.session_state[f"{key}_toggle"])
    replace_parameters(**{key: "" if on == first else str(int(on))})


def page(pages: int, *, key: str = "page") -> int:
    """Return the page of a list, from 1: `?key=2` is the second of `pages`; the last when beyond."""
    pages = max(1, pages)
    if parameter(key) and number(key) is None:
        drop_unknown(key, "Page")
    wanted = min(max(number(key) or 1, 1), pages)
    show_as(f"{key}_pages", wanted)
    st.pagination(pages, default=wanted, key=f"{key}_pages", on_change=_turn, args=(key,))
    return wanted


def _turn(key: str) -> None:
    shown = st.session_state[f"{key}_pages"]
    put(key, str(shown) if shown > 1 else "")


def definition(slug: str) -> str:
    """Return the address of the Definitions page, opened at this metric."""
    return f"/definitions?find={slug}"


def selected_workspace() -> str:
    """Return the workspace of `?id=`; without a well-formed id, explain and stop the page."""
    workspace_id = parameter("id")
    if not WORKSPACE_ID.fullmatch(workspace_id):
        st.title("Workspace")
        st.info("Choose a workspace first.", icon=":material/search:")
        find_another()
        st.stop()
    return workspace_id


def no_such_workspace(workspace_id: str) -> None:
    """Show that a workspace doesn't exist, with a link to the search."""
    st.title("Workspace")
    st.error(f"Workspace {plain(workspace_id)} doesn't exist.", icon=":material/search_off:")
    find_another()


def no_workspace_yet() -> None:
    """Show that the database is empty, and how to fill it."""
    st.info(
        (
            "No workspaces yet. Your product creates them through the [API](/api/docs). Want to explore "
            "first? Run `python -m ledger demo`, which uses a separate database."
        ),
        icon=":material/info:",
    )


def find_another() -> None:
    """The way to the search."""
    st.page_link(
        navigation.address("search"),
        label="Search by name, e-mail, payment or receipt",
        icon=":material/search:",
    )
