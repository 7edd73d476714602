"""Saved pricing scenarios, which never change: an edit is a new version, a duplicate a new family."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.pricing.question import Question, question_of
from ledger.pricing.refusals import ScenarioChanged, UnknownScenario, WrongScenarioText
from ledger.validation import is_valid_text

MOST_COMPARED = 4
_NAME, _NOTE = 100, 2000


@dataclass(frozen=True)
class Scenario:
    """One version of a scenario: its question, data, random seed and results."""

    scenario_id: uuid.UUID
    family_id: uuid.UUID
    version: int
    parent_id: uuid.UUID | None
    name: str
    note: str
    question: Question
    snapshot: Mapping[str, Any]
    results: Mapping[str, Any]
    seed: int
    code_version: str
    author: str
    at: datetime
    recorded_at: datetime


@cache
def code_version() -> str:
    """Return the fingerprint of the pricing code."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def save_scenario(
    db: Connection,
    *,
    name: str,
    question: Question,
    snapshot: Mapping[str, Any],
    results: Mapping[str, Any],
    seed: int,
    author: str,
    at: datetime,
    note: str = "",
    parent: Scenario | None = None,
    duplicate: bool = False,
) -> Scenario:
    """Save a scenario: the next version of `parent`, or with `duplicate` (or without parent) a new family.

    Raises ScenarioChanged when someone else saved the next version of `parent` first, WrongScenarioText for an
    empty or overlong name or note.
    """
    _require_texts(name, note)
    values = {
        **_place(parent, duplicate=duplicate),
        "name": name.strip(),
        "note": note.strip(),
        "parameters": json.dumps(question.as_json()),
        "snapshot": json.dumps(dict(snapshot)),
        "results": json.dumps(dict(results)),
        "seed": seed,
        "code_version": code_version(),
        "author": author,
        "at": at,
    }
    row = db.execute(query("scenario_add"), values).mappings().one_or_none()
    if row is None:
        raise ScenarioChanged
    return _scenario(dict(row))


def _require_texts(name: str, note: str) -> None:
    """Raise WrongScenarioText about the name or the note of a scenario."""
    for what, text, most in (("name", name, _NAME), ("note", note, _NOTE)):
        if len(text.strip()) > most:
            raise WrongScenarioText(f"Use at most {most:,} characters.", what=what)
        if not is_valid_text(text):
            raise WrongScenarioText("Remove the character that can't be stored.", what=what)
    if not name.strip():
        raise WrongScenarioText("Enter a name.")


def _place(parent: Scenario | None, *, duplicate: bool) -> dict[str, Any]:
    """Where a new scenario stands: after its parent, or at the head of a family of its own."""
    scenario_id = uuid.uuid4()
    if parent is None or duplicate:
        elder = parent.scenario_id if parent else None
        return {"scenario_id": scenario_id, "family_id": scenario_id, "version": 1, "parent_id": elder}
    family, version = parent.family_id, parent.version + 1
    return {
        "scenario_id": scenario_id,
        "family_id": family,
        "version": version,
        "parent_id": parent.scenario_id,
    }


def get_scenario(db: Connection, scenario_id: str | uuid.UUID) -> Scenario:
    """Return one scenario. Raises UnknownScenario."""
    try:
        wanted = uuid.UUID(str(scenario_id))
    except ValueError:
        raise UnknownScenario(str(scenario_id)[:64]) from None
    row = db.execute(query("scenario_get"), {"scenario_id": wanted}).mappings().one_or_none()
    if row is None:
        raise UnknownScenario(str(wanted))
    return _scenario(dict(row))


def list_scenarios(db: Connection, *, most: int = 200) -> list[Scenario]:
    """Return the latest version of every scenario, newest first."""
    return [_scenario(dict(row)) for row in db.execute(query("scenario_list"), {"most": most}).mappings()]


def list_versions(db: Connection, scenario: Scenario) -> list[Scenario]:
    """Return every version of one scenario, oldest first."""
    rows = db.execute(query("scenario_versions"), {"family_id": scenario.family_id}).mappings()
    return [_scenario(dict(row)) for row in rows]


def _scenario(row: dict[Any, Any]) -> Scenario:
    question = question_of(row.pop("parameters"))
    return Scenario(question=question, **row)
