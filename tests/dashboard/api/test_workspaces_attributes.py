"""Attributes of workspaces over HTTP: set, removed, read, and what the list is narrowed by."""

import pytest

from tests.dashboard.api.test_workspaces import ACME, STARTER
from tests.dashboard.api_server import Api


def test_attributes_are_set_removed_and_left_alone(api: Api) -> None:
    for name in ("acme", "other"):
        api.post("/workspaces", ACME | {"workspace_id": name, "attributes": {"country": "DE", "seats": 25}})

    answer = api.ask(
        "PUT",
        "/workspaces/acme/attributes",
        json={"attributes": {"country": "FR", "seats": None, "share": 0.5}},
    )

    assert (answer.status_code, answer.json()["attributes"]) == (200, {"country": "FR", "share": 0.5})
    assert answer.json() == api.get("/workspaces/acme").json()
    assert api.get("/workspaces/other").json()["attributes"] == {"country": "DE", "seats": 25}
    assert {each["workspace_id"]: each["attributes"] for each in api.get("/workspaces").json()["items"]} == {
        "acme": {"country": "FR", "share": 0.5},
        "other": {"country": "DE", "seats": 25},
    }


def test_creating_again_keeps_attributes_that_changed_and_refuses_others(api: Api) -> None:
    body = ACME | STARTER | {"attributes": {"country": "DE"}}
    api.post("/workspaces", body)
    api.ask("PUT", "/workspaces/acme/attributes", json={"attributes": {"country": "FR"}})

    again = api.post("/workspaces", body)
    other = api.post("/workspaces", body | {"attributes": {"country": "IT"}})

    assert (again.status_code, again.json()["repeated"], again.json()["attributes"]) == (
        201,
        True,
        {"country": "FR"},
    )
    assert (other.status_code, other.json()["code"]) == (409, "workspace_exists")
    assert api.get("/workspaces/acme").json()["attributes"] == {"country": "FR"}


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"Country": "DE"}, "invalid_request"),
        ({"country": True}, "invalid_request"),
        ({"country": ["DE"]}, "invalid_request"),
        ({f"k{n}": n for n in range(51)}, "invalid_request"),
        ({"plan": "x"}, "invalid_attribute"),
        ({"country": "  "}, "invalid_attribute"),
        ({"country": "x" * 201}, "invalid_attribute"),
        ({"seats": 10**15}, "invalid_attribute"),
    ],
)
def test_attributes_that_cannot_be_stored_change_nothing(api: Api, attributes: object, code: str) -> None:
    api.post("/workspaces", ACME | {"attributes": {"country": "DE"}})

    answer = api.ask("PUT", "/workspaces/acme/attributes", json={"attributes": attributes})
    created = api.post("/workspaces", ACME | {"workspace_id": "other", "attributes": attributes})

    assert [(each.status_code, each.json()["code"]) for each in (answer, created)] == [(422, code)] * 2
    assert api.get("/workspaces/acme").json()["attributes"] == {"country": "DE"}
    assert api.get("/workspaces/other").status_code == 404


def test_attributes_of_an_unknown_workspace_and_of_a_key_without_the_scope_are_refused(api: Api) -> None:
    api.post("/workspaces", ACME)
    body = {"attributes": {"country": "DE"}}

    assert api.ask("PUT", "/workspaces/nobody/attributes", json=body).status_code == 404
    reader = api.with_key("balance:read")
    assert reader.ask("PUT", "/workspaces/acme/attributes", json=body).status_code == 403
    assert reader.get("/workspaces/acme").json()["attributes"] == {}


def test_the_list_is_narrowed_by_attributes_and_by_their_bands(api: Api) -> None:
    for name, known in {
        "a": {"country": "DE", "seats": 12},
        "b": {"country": "DE"},
        "c": {"seats": 3},
    }.items():
        api.post("/workspaces", ACME | {"workspace_id": name, "attributes": known})

    def ids_with(*attributes: str) -> list[str]:
        answer = api.get("/workspaces", attribute=list(attributes))
        assert answer.status_code == 200, answer.text
        return [each["workspace_id"] for each in answer.json()["items"]]

    assert ids_with("country:DE") == ["a", "b"]
    assert ids_with("country:DE", "seats:10-19") == ["a"]
    assert ids_with("country:none") == ["c"]
    assert ids_with("seats:2-4") == ["c"]


@pytest.mark.parametrize(
    ("attribute", "code", "said"),
    [
        (["mood:good"], "unknown_attribute", "known: country"),
        (["country"], "invalid_request", "attribute"),
        (["country:DE", "country:FR"], "invalid_request", "country is sent more than once"),
    ],
)
def test_a_filter_that_means_nothing_is_named(api: Api, attribute: list[str], code: str, said: str) -> None:
    api.post("/workspaces", ACME | {"attributes": {"country": "DE"}})

    answer = api.get("/workspaces", attribute=attribute)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert said in answer.json()["detail"]
