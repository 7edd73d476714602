"""`docs/architecture.md` is held to the code: rooms on their floors, and flows whose every step leads to the next."""

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.api import ROOMS
from tests.flows import leads, rooms, steps
from tests.house import CHECKOUT
from tests.test_house_rules import FLOORS

FLOWS = ("One tracked minute", "One Stripe webhook")
ENDPOINTS = {
    f"{method} {route.path}": route.endpoint
    for room in ROOMS
    for route in room.router.routes
    for method in route.methods
}


@pytest.mark.parametrize("house", FLOORS)
def test_every_room_is_listed_once_on_its_floor(house: str) -> None:
    listed = rooms(house)

    assert sorted(listed) == sorted((floor, room) for floor, on in enumerate(FLOORS[house], 1) for room in on)
    assert [floor for floor, _ in listed] == sorted(floor for floor, _ in listed)


@pytest.mark.parametrize("house", FLOORS)
def test_the_rooms_listed_are_those_that_are_there(house: str) -> None:
    there = {path.stem for path in (CHECKOUT / house).glob("*.py")} | {
        path.parent.name for path in (CHECKOUT / house).glob("*/*.py")
    }

    assert {room for _, room in rooms(house)} == there - {"__init__"}


@pytest.mark.parametrize("flow", FLOWS)
def test_every_step_of_a_flow_is_defined_where_the_page_says(flow: str) -> None:
    flow_steps = steps(flow)

    assert [step.number for step in flow_steps.values()] == list(range(1, len(flow_steps) + 1))
    assert [f"{step.path}: {step.name}" for step in flow_steps.values() if not step.text] == []


@pytest.mark.parametrize("flow", FLOWS)
def test_every_step_is_called_registered_or_read_by_the_steps_it_comes_after(flow: str) -> None:
    flow_steps = steps(flow)
    pairs = [
        (flow_steps[after], step) for step in flow_steps.values() for after in step.after if after.isdigit()
    ]

    assert [f"{a.number} {a.name} -> {b.number} {b.name}" for a, b in pairs if not leads(a, b)] == []
    assert [b.number for a, b in pairs if a.number >= b.number] == []


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_begins_with_its_request_and_goes_on_in_the_worker(flow: str) -> None:
    begins = {after: step for step in steps(flow).values() for after in step.after if not after.isdigit()}
    request, worker = begins

    endpoint = ENDPOINTS[request]
    assert (endpoint.__module__.replace(".", "/") + ".py", endpoint.__name__) == (
        str(begins[request].path),
        begins[request].name,
    )
    assert (worker, begins[worker].path, begins[worker].name) == ("worker", Path("ledger/worker.py"), "work")


def test_steps_that_do_not_call_each_other_are_recognised() -> None:
    minute = steps("One tracked minute")
    function, table, sent = minute["15"], minute["27"], minute["38"]

    assert not leads(function, table)  # a function that does not write the table
    assert not leads(minute["1"], minute["11"])  # two functions that are joined by others only
    assert not leads(minute["37"], replace(sent, path=Path("ledger/notify/metric_alerts.py")))  # not imported
    assert not leads(minute["12"], replace(minute["14"], name="record_uses"))  # the other query of that file
    assert replace(sent, name="attempt_posts").text == ""
