"""Before and after in one line."""

from dashboard.audit_log import change


def test_a_change_names_only_what_differs() -> None:
    assert change({"a": 1, "b": "x"}, {"a": 1, "b": "y", "c": [1]}) == "b: x → y; c: – → [1]"
    assert change({}, {}) == ""
