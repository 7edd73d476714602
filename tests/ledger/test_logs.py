"""A log of JSON: one object a line, one line a run, the same id in all of them, nothing about people."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ledger.logs import request_id, run_of
from ledger.schedules import Schedule
from ledger.settings import SettingsError, load_settings
from ledger.worker import run_schedule
from tests.house import CHECKOUT
from tests.log_lines import LogLines, written_to
from tests.shop import Shop


@pytest.fixture
def lines() -> Iterator[LogLines]:
    """What is written as JSON while a test runs."""
    with written_to(logging.getLogger()) as lines:
        yield lines


def test_the_setting_is_text_or_json_and_text_when_unset() -> None:
    assert [load_settings({"LOG_FORMAT": word}).log_format for word in ("", "text", "json")] == [
        "text",
        "text",
        "json",
    ]
    with pytest.raises(SettingsError, match="LOG_FORMAT must be one of text, json; it is 'xml'"):
        load_settings({"LOG_FORMAT": "xml"})


def test_each_run_of_a_schedule_is_one_line_and_a_failure_shares_its_id(shop: Shop, lines: LogLines) -> None:
    def breaks(*_):
        raise ValueError("ada@acme.example")

    run_schedule(shop.worker_context(), Schedule("good", 60, lambda *_: None), at=shop.now)
    run_schedule(shop.worker_context(), Schedule("bad", 60, breaks), at=shop.now)
    run_schedule(shop.worker_context(), Schedule("good", 60, lambda *_: None), at=shop.now)  # not due

    good, warning, bad = lines.objects()
    assert (good["job"], good["outcome"]) == ("good", "done")
    assert (bad["job"], bad["outcome"]) == ("bad", "failed")
    assert good["request_id"] != bad["request_id"] == warning["request_id"]
    assert good["request_id"].startswith("run_")
    assert good["milliseconds"] >= 0
    assert "ada@acme.example" not in lines.getvalue()


def test_each_event_of_the_inbox_is_one_line(shop: Shop, lines: LogLines) -> None:
    shop.buys()
    lines.forget()

    shop.works()

    events = [line for line in lines.objects() if line.get("job", "").startswith("event ")]
    assert events
    assert len({line["request_id"] for line in events}) == len(events)
    assert all(line["event_id"].startswith("evt_") and line["outcome"] == "done" for line in events)


def test_a_run_that_raises_is_a_failed_line_and_the_id_ends_with_it(lines: LogLines) -> None:
    with pytest.raises(KeyError), run_of("import"):
        raise KeyError("x")

    assert [line["outcome"] for line in lines.objects()] == ["failed"]
    assert request_id.get() == "-"


@pytest.mark.parametrize(
    "private",
    [
        "ada@acme.example",
        "sk_live_51Habcdef",
        "rk_test_51Habcdef",
        "whsec_abc/def+1=",
        "minutes_a1b2c3d4e5f6_s3cr3t-s3cr3t",
        "postgresql://minutes:hunter2@db.internal:5432/minutes",
        "https://127.0.0.1/?token=abcdefgh",
        "Authorization: Bearer abc.def",
    ],
)
def test_secrets_and_addresses_are_removed_from_a_message_and_an_error_has_no_text(
    private: str, lines: LogLines
) -> None:
    hidden = {"postgresql://minutes:hunter2@db.internal:5432/minutes": "hunter2"}.get(private, private[-8:])

    def breaks() -> None:
        raise RuntimeError(private)

    try:
        breaks()
    except RuntimeError:
        logging.getLogger("dashboard").exception("saw %s\nand more", private)

    (line,) = lines.objects()
    assert hidden not in lines.getvalue()
    assert "[removed]" in line["message"]
    assert line["message"].startswith("saw ")
    assert line["error"][0]["class"] == "RuntimeError"
    assert "test_logs.py" in line["error"][0]["places"][0]


@pytest.mark.parametrize(("log_format", "runs"), [("json", 1), ("text", 0)])
def test_a_process_writes_runs_as_json_and_in_text_only_warnings(log_format: str, runs: int) -> None:
    program = (
        "import logging, sys; from ledger.logs import configure, run_of; configure(sys.argv[1])\n"
        "with run_of('import'): pass\n"
        "logging.getLogger('ledger').warning('late')"
    )
    written = subprocess.run(
        [sys.executable, "-c", program, log_format],
        cwd=CHECKOUT,
        env=os.environ.copy(),
        capture_output=True,
        text=True,
        check=True,
    ).stderr.splitlines()

    assert len(written) == runs + 1
    if log_format == "json":
        assert [json.loads(line)["message"] for line in written] == ["run", "late"]
    else:
        assert written[0].endswith("WARNING ledger: late")
