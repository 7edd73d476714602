"""A snapshot as bytes and back: arrays in compressed columns beside a JSON head, nothing that runs when it is read."""

import io
import json
import zipfile
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.calibration import Choices
from ledger.pricing.decisions import DecisionMonth
from ledger.pricing.history import UsageHistory
from ledger.pricing.people import Trait
from ledger.pricing.snapshot import LeftOut, Snapshot
from ledger.pricing.tariff import Tariff, TariffPackage

LAYOUT = 2
"""Of what is written here. What was written in another layout is read from the ledger again."""
_TABLES = {
    **{name: name for name in ("demand", "months", "plan", "segment", "opening", "bought", "ahead", "pause")},
    "grants": "gifts",  # this layout's name of it: saved scenarios refer to what was written with it
}
_CHOICES = ("prices", "needs", "counts", "recent", "trial", "effect", "trial_pairs")
_EFFORT = 1  # of the compression: more saves a tenth of the room and takes five times as long


def pack(taken: Snapshot) -> bytes:
    """The snapshot as one compressed block."""
    history, choices = taken.history, taken.choices
    arrays = {column: getattr(history, name) for name, column in _TABLES.items()}
    arrays["unseen"] = history.demand - taken.recorded.demand  # mostly nothing, so it takes hardly any room
    arrays |= {name: getattr(choices, name) for name in _CHOICES}
    arrays["month_counts"] = np.array([month.counts for month in taken.months])
    arrays |= {f"trait_{number}": trait.codes for number, trait in enumerate(taken.traits.values())}
    arrays["workspace_ids"] = np.frombuffer(" ".join(history.workspace_ids).encode(), dtype=np.uint8)
    head = {
        "source": taken.source, "data_to": taken.data_to.isoformat(), "fingerprint": taken.fingerprint,
        "liability": [taken.liability_minutes, taken.liability_cents], "plans": history.plans,
        "segments": history.segments, "traits": {key: trait.segments for key, trait in taken.traits.items()},
        "tariff": {**asdict(taken.tariff), "allowances": dict(taken.tariff.allowances)},
        "chosen_of": [asdict(package) for package in choices.packages], "base": choices.base,
        "days_to_buy": choices.days_lost,  # this layout's name of it
        "months": [_month_fields(month) for month in taken.months],
        "left_out": [asdict(each) for each in taken.left_out],
    }  # fmt: skip
    block = io.BytesIO()
    with zipfile.ZipFile(block, "w", zipfile.ZIP_DEFLATED, compresslevel=_EFFORT) as file:
        file.writestr("head.json", json.dumps(head))
        for name, array in arrays.items():
            if array is not None:
                with file.open(f"{name}.npy", "w") as column:
                    np.lib.format.write_array(column, np.ascontiguousarray(array), allow_pickle=False)
    return block.getvalue()


def unpack(block: bytes) -> Snapshot:
    """The snapshot that was packed."""
    with zipfile.ZipFile(io.BytesIO(block)) as file:
        head: dict[str, Any] = json.loads(file.read("head.json"))
        arrays = {name[:-4]: _column(file.read(name)) for name in file.namelist() if name.endswith(".npy")}
    names = bytes(arrays["workspace_ids"]).decode().split(" ")
    tables: dict[str, Any] = {name: arrays.get(column) for name, column in _TABLES.items()}
    plans, segments = tuple(head["plans"]), tuple(head["segments"])
    history = UsageHistory(names, plans, segments, **tables)
    recorded = UsageHistory(
        names, plans, segments,
        **tables | {"demand": history.demand - arrays["unseen"]},
    )  # fmt: skip
    choices = Choices(
        plans, tuple(TariffPackage(**package) for package in head["chosen_of"]), base=head["base"],
        days_lost=head["days_to_buy"],
        **{name: arrays.get(name) for name in _CHOICES},  # type: ignore[arg-type]
    )  # fmt: skip
    sold = tuple(TariffPackage(**package) for package in head["tariff"].pop("packages"))
    months = tuple(
        DecisionMonth(**{**fields, "month": datetime.fromisoformat(fields["month"])}, counts=counts)
        for fields, counts in zip(head["months"], arrays["month_counts"], strict=True)
    )
    traits = {
        key: Trait(tuple(segments), arrays[f"trait_{number}"])
        for number, (key, segments) in enumerate(head.get("traits", {}).items())
    }
    owed = head["liability"]
    return Snapshot(
        head["source"], datetime.fromisoformat(head["data_to"]), head["fingerprint"], history, recorded,
        Tariff(packages=sold, **head["tariff"]), choices, months, owed[0], owed[1], traits,
        tuple(LeftOut(**each) for each in head["left_out"]),
    )  # fmt: skip


def _month_fields(month: DecisionMonth) -> dict[str, Any]:
    plain = {name: value for name, value in vars(month).items() if name != "counts"}
    return plain | {"month": month.month.isoformat()}


def _column(content: bytes) -> NDArray[Any]:
    array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array
