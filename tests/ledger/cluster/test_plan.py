"""Statements that spread the tables, in the order of their keys; versions of the extension."""

import pytest
from sqlalchemy import Connection

from ledger.cluster.plan import (
    ClusterNotReady,
    ClusterStep,
    registry,
    require_extension,
    tables_left,
    version_of,
)
from ledger.database import query


def test_every_table_comes_after_the_tables_that_its_keys_name(db: Connection) -> None:
    order = [table.table_name for table in registry(db)]
    late = [
        (table.table_name, needed)
        for table in registry(db)
        for needed in table.needs
        if order.index(needed) > order.index(table.table_name)
    ]

    assert late == []
    assert len(order) == len(set(order)) == len(db.execute(query("cluster_registry")).all())


def test_reference_tables_come_first_then_workspaces_then_what_lives_beside_them(db: Connection) -> None:
    steps = tables_left(registry(db), [], shards=8)
    names = [step.about for step in steps]

    assert [step.name for step in steps if step.name == "cluster_add_root"] == ["cluster_add_root"]
    assert (
        names.index("plans") < names.index("workspaces") < names.index("stored_lots") < names.index("entries")
    )
    assert names.index("entries") < names.index("payment_objects")
    assert "audit" not in names


def test_what_the_cluster_holds_already_is_not_spread_again(db: Connection) -> None:
    every = [table.table_name for table in registry(db)]

    assert tables_left(registry(db), every, shards=8) == []
    assert [step.about for step in tables_left(registry(db), set(every) - {"notes"}, shards=8)] == ["notes"]


def test_statements_are_printed_with_their_values(db: Connection) -> None:
    steps = {step.about: step.sql for step in tables_left(registry(db), [], shards=8)}

    assert (
        steps["workspaces"]
        == "SELECT create_distributed_table('workspaces', 'workspace_id', shard_count => 8)"
    )
    assert (
        steps["entries"]
        == "SELECT create_distributed_table('entries', 'workspace_id', colocate_with => 'workspaces')"
    )
    assert (
        steps["payment_objects"]
        == "SELECT create_distributed_table('payment_objects', 'object_id', colocate_with => 'none')"
    )
    assert steps["plans"] == "SELECT create_reference_table('plans')"


def test_a_value_with_a_quote_stays_a_value() -> None:
    assert (
        ClusterStep("cluster_add_reference", {"table_name": "o'x"}).sql
        == "SELECT create_reference_table('o''x')"
    )


def test_a_server_without_the_extension_is_refused_in_one_line(db: Connection) -> None:
    with pytest.raises(
        ClusterNotReady, match=r"(not installed on this server|cannot be a coordinator)"
    ) as refused:
        require_extension(db)

    assert "\n" not in str(refused.value)


def test_versions_compare_as_numbers() -> None:
    assert version_of("13.10-1") > version_of("13.2-1") == (13, 2)
