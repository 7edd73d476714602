"""What somebody chose on a page stands in its address: a reload, a shared link and Back show it again."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dashboard import url
from dashboard.panels import main_chart
from tests.house import nodes_of, sources
from tests.pages.visits import hire, visit

THEN = {"at": "2026-04-30T00:00:00+00:00", "source": "live"}
CHOICES = {
    *("checkbox", "data_editor", "date_input", "multiselect", "number_input", "pagination", "pills", "radio"),
    *(
        "segmented_control",
        "select_slider",
        "selectbox",
        "slider",
        "tabs",
        "text_area",
        "text_input",
        "toggle",
    ),
}
HOLD_THE_ADDRESS = {"dashboard/url.py", "dashboard/kit/choices.py", "dashboard/kit/filters.py"}
OF_FORMS = {
    "dashboard/kit/forms.py": "fields that a button sends",
    "dashboard/panels/annotations.py": "the form of a note, and that of a goal",
    "dashboard/panels/metric_alerts.py": "the form of an alert",
    "dashboard/panels/jump.py": "a search window, which closes with its result",
    "dashboard/screens/attributes.py": "a list to apply",
    "dashboard/screens/batch.py": "a list to grant",
    "dashboard/screens/moving_in.py": "a list to link",
    "dashboard/screens/catalogue.py": "the package to take off sale",
    "dashboard/screens/package_form.py": "the package to change",
    "dashboard/screens/payment_alerts.py": "the alerts to mark as resolved",
    "dashboard/screens/pricing/library.py": "the scenarios of a link",
    "dashboard/screens/purchase.py": "what to buy",
    "dashboard/screens/workspace/grants.py": "the minutes to give",
    "dashboard/screens/workspace/refunds.py": "what to refund",
}
"""Screens whose fields are sent by a button: nothing else on the page follows from them."""
WRITTEN_WHOLE = {"dashboard/screens/pricing/controls.py"}
"""The question of the lab is in the address as one code; `test_pricing_address.py` holds that."""


def of_the_address(call: ast.Call) -> bool:
    """Return whether a call draws tabs or a field through `url`, or says itself what a change writes."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    return getattr(owner, "id", "") in {"url", "headline"} or any(
        word.arg == "on_change" for word in call.keywords
    )


def shown_and_not_held(path: Path) -> Iterator[str]:
    """Return the places of widgets whose value the page uses, and which the address does not hold."""
    unused = {id(node.value) for node in nodes_of(path) if isinstance(node, ast.Expr)}
    for node in nodes_of(path):
        if not isinstance(node, ast.Call):
            continue
        drawn = isinstance(node.func, ast.Attribute) and node.func.attr in CHOICES and id(node) not in unused
        selected = any(
            word.arg == "on_select" and isinstance(word.value, ast.Constant) for word in node.keywords
        )
        if selected or (drawn and not of_the_address(node)):
            yield f"{path}:{node.lineno}"


def test_what_a_page_shows_by_a_choice_is_held_by_the_address_or_by_a_form() -> None:
    in_address = HOLD_THE_ADDRESS | WRITTEN_WHOLE
    places_by_file = {
        str(path): list(shown_and_not_held(path))
        for path in sources("dashboard", "pages")
        if str(path) not in in_address
    }

    assert [
        place for path, places in places_by_file.items() if path not in OF_FORMS for place in places
    ] == []
    assert [path for path in OF_FORMS if not places_by_file[path]] == [], "no such fields any more"


def test_the_rule_would_find_a_choice_outside_the_address(tmp_path: Path) -> None:
    lost = tmp_path / "lost.py"
    lost.write_text(
        "days = st.pills('Days', DAYS)\nst.pills('Form', A, key='a')\nnamed = url.pills('B', B, key='b')\n"
    )

    assert [place.rpartition(":")[2] for place in shown_and_not_held(lost)] == ["1"]


@pytest.mark.parametrize(
    ("query", "kind", "widget", "value"),
    [
        ({"tab": "use", "days": "365"}, "button_group", "days_pills", "365"),
        ({"tab": "activity", "group": "use"}, "button_group", "group_pills", ["use"]),
        ({"tab": "why", "open_lots": "1"}, "toggle", "open_lots_toggle", True),
    ],
)
def test_a_link_to_a_workspace_shows_what_its_sender_had_chosen(
    story: Engine, query: dict[str, str], kind: str, widget: str, value: object
) -> None:
    page = visit(story, "workspace", email="support@example.com", id="W01", **query)

    assert not page.exception
    assert getattr(page, kind)(key=widget).value == value


def test_what_is_chosen_on_a_workspace_goes_into_the_address_and_out_of_it_again(story: Engine) -> None:
    page = visit(story, "workspace", email="support@example.com", id="W01", tab="why")

    page.toggle(key="open_lots_toggle").set_value(True).run()
    assert page.query_params["open_lots"] == "1"
    page.toggle(key="open_lots_toggle").set_value(False).run()
    assert "open_lots" not in page.query_params

    first = datetime.fromtimestamp(page.slider(key="filter_day").min / 1e6, UTC).date()
    page.slider(key="filter_day").set_value(first).run()
    assert page.query_params["day"] == first.isoformat()
    linked = visit(story, "workspace", email="support@example.com", id="W01", day=first.isoformat())
    assert linked.slider(key="filter_day").value == first
    today = visit(story, "workspace", email="support@example.com", id="W01")
    assert linked.code[0].value != today.code[0].value


@pytest.mark.parametrize("wrong", ["1999-01-01", "yesterday"])
def test_a_day_that_the_slider_does_not_have_is_said_and_dropped(story: Engine, wrong: str) -> None:
    page = visit(story, "workspace", email="support@example.com", id="W01", day=wrong)

    assert "day" not in page.query_params
    assert any("as of the end of" in toast.value for toast in page.toast)


def test_a_role_whose_limits_are_shown_is_in_the_address(story: Engine) -> None:
    email = hire(story, "admin")
    page = visit(story, "staff", email=email, tab="limits")
    box = page.selectbox(key="filter_role")
    other = next(name for name in box.options if name != box.value)
    box.set_value(other).run()

    assert page.query_params["role"] == other
    assert (
        visit(story, "staff", email=email, tab="limits", role=other).selectbox(key="filter_role").value
        == other
    )


def test_a_hold_out_that_is_planned_by_a_link_has_its_numbers(story: Engine) -> None:
    planned = {"base": "60.0", "lift": "10.0", "share": "20"}
    page = visit(story, "retention", email="viewer@example.com", **THEN, **planned)

    assert [page.number_input(key=f"filter_{name}").value for name in ("base", "lift")] == [60.0, 10.0]
    assert page.slider(key="filter_share").value == 20


def test_a_tab_of_the_panel_about_a_number_is_in_the_address(story: Engine) -> None:
    page = visit(story, "overview", email="viewer@example.com", about="conversion", about_tab="notes", **THEN)

    assert not page.exception
    assert any(field.label == "What happened" for field in page.text_input)


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_a_click_on_any_part_of_a_chart_narrows_the_page_to_it(
    monkeypatch: pytest.MonkeyPatch, grain: str
) -> None:
    written: dict[str, str] = {}
    monkeypatch.setattr(url, "replace_parameters", lambda **values: written.update(values))
    period = main_chart.Period(*(main_chart.date(2026, month, 1) for month in (1, 3, 4)), "UTC")

    main_chart.narrow(period, grain, "2026-02-02")

    spans = {
        "day": ("2026-02-02", "2026-02-02"),
        "week": ("2026-02-02", "2026-02-08"),
        "month": ("2026-02-01", "2026-02-28"),
    }
    assert (written["from"], written["to"]) == spans[grain]
