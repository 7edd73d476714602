"""The OpenAPI document and the pages for people: complete, right, and of use to tools."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator

from dashboard.api import app, document
from dashboard.server.problems import KINDS
from ledger.desk.keys import SCOPES
from tests.dashboard.api_server import Api


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The document."""
    return document.openapi(app)


def whole(answer: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """An answer, also where it is shared."""
    reference = answer.get("$ref")
    return described["components"]["responses"][reference.rsplit("/", 1)[1]] if reference else answer


def fields(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every field of every schema."""
    for name, schema in described["components"]["schemas"].items():
        for field, kind in schema.get("properties", {}).items():
            yield name, field, kind


def test_every_operation_is_described_with_its_problems(described: dict[str, Any]) -> None:
    for method, path, operation in document.operations(described):
        assert operation["summary"], path
        assert operation["description"], path
        statuses = set(operation["responses"])
        for status, short in operation["responses"].items():
            answer = whole(short, described)
            media = set(answer.get("content", {}))
            assert int(status) < 400 or media in ({"application/problem+json"}, {"application/json"}), path
        if operation["security"]:
            assert {"401", "403", "422", "429", "500", "503"} <= statuses, path
        assert ({"408", "413", "415"} <= statuses) == (method != "GET"), path


def test_the_codes_of_an_operation_are_an_enum_of_its_own(described: dict[str, Any]) -> None:
    codes: dict[str, set[str]] = {}
    for _, _, operation in document.operations(described):
        for short in operation["responses"].values():
            for content in whole(short, described).get("content", {}).values():
                if "$ref" not in content["schema"]:
                    continue  # lines of an export
                schema = described["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
                for part in schema.get("allOf", [])[1:]:
                    codes.setdefault(operation["operationId"], set()).update(
                        part["properties"]["code"]["enum"]
                    )

    assert set().union(*codes.values()) <= set(KINDS)
    assert {"unknown_workspace", "key_reused", "insufficient_minutes"} <= codes["trackMinute"]
    assert not {"unknown_purchase", "unknown_metric", "workspace_exists"} & codes["trackMinute"]
    assert "stripe_refused" not in codes["getReady"]


def test_names_are_those_of_clients_and_every_name_stands_once(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in document.operations(described)]

    assert len(names) == len(set(names))
    assert {"trackMinute", "checkLimit", "createPurchase", "listPurchases", "getBalance"} <= set(names)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", name) for name in names)
    assert not [name for name in described["components"]["schemas"] if re.search("Told|Asked|Response", name)]


def test_every_state_is_a_named_enum(described: dict[str, Any]) -> None:
    enums = {name for name, schema in described["components"]["schemas"].items() if "enum" in schema}

    assert {"PurchaseStatus", "Source", "BillingCycle", "EntryKind", "LotKind", "EventStatus"} <= enums
    assert {"ProblemCode", "HoldOutArm", "MetricUnit", "BetterDirection", "ExperimentKind"} <= enums


def test_every_field_has_a_description_and_an_example(described: dict[str, Any]) -> None:
    def referred(kind: dict[str, Any]) -> list[dict[str, Any]]:
        return [kind, *kind.get("anyOf", []), *([kind["items"]] if "items" in kind else [])]

    lacking = [
        (name, field)
        for name, field, kind in fields(described)
        if not any("description" in each or "$ref" in each for each in referred(kind))
        or not any("examples" in each or "$ref" in each or "anyOf" in each for each in referred(kind))
    ]

    assert lacking == []


def test_a_value_that_may_be_null_is_described_as_a_whole(described: dict[str, Any]) -> None:
    inside = [
        (name, field)
        for name, field, kind in fields(described)
        if "description" not in kind and any("description" in part for part in kind.get("anyOf", []))
    ]

    key = described["components"]["schemas"]["TrackMinuteRequest"]["properties"]["key"]
    assert inside == []
    assert key["description"].startswith("The idempotency key")
    assert key["examples"] == ["call-8731"]


def test_every_example_fits_its_schema(described: dict[str, Any]) -> None:
    for name, schema in described["components"]["schemas"].items():
        rules = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        for example in schema.get("examples", []):
            checker = Draft202012Validator(rules, format_checker=Draft202012Validator.FORMAT_CHECKER)
            checker.validate(example)


def test_no_request_field_has_a_default_that_tools_would_take_for_required(described: dict[str, Any]) -> None:
    assert [(name, field) for name, field, kind in fields(described) if "default" in kind] == []
    assert described["components"]["schemas"]["TrackMinuteRequest"]["required"] == ["workspace_id"]


def test_the_document_says_who_serves_it_and_under_which_licence(described: dict[str, Any]) -> None:
    assert described["servers"]
    assert described["info"]["license"]["identifier"] == "Apache-2.0"
    assert described["info"]["contact"]
    assert all("security" in operation for _, _, operation in document.operations(described))


def test_every_scope_is_explained(described: dict[str, Any]) -> None:
    text = described["components"]["securitySchemes"]["key"]["description"]

    assert set(document.SCOPES) == set(SCOPES)
    assert all(f"`{scope}`" in text for scope in SCOPES)


def test_the_pages_for_people_load_nothing_from_elsewhere(api: Api) -> None:
    for path in ("/docs", "/docs/errors"):
        page = requests.get(f"{api.url}/api{path}", timeout=60)

        assert page.headers["content-type"].startswith("text/html")
        assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", page.text)
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe-eval" not in page.headers["content-security-policy"]
    for asset in re.findall(r"""(?:src|href)="(/api/docs/[a-z.]+)\"""", api.get("/docs").text):
        assert requests.get(f"{api.url}{asset}", timeout=60).status_code == 200


def test_every_problem_code_has_an_anchor_that_its_type_leads_to(api: Api) -> None:
    problem = api.get("/workspaces/nobody").json()
    page = requests.get(f"{api.url}{problem['type'].partition('#')[0]}", timeout=60).text

    assert problem["type"].endswith("#unknown_workspace")
    assert all(f'id="{code}"' in page for code in KINDS)


def test_the_document_is_json_of_a_reasonable_size(api: Api) -> None:
    sent = api.get("/openapi.json")

    assert sent.json() == json.loads(json.dumps(document.openapi(app)))
    assert len(sent.content) < 200_000
