"""The HTTP interface in a process of its own, on a machine whose clock may be wrong."""

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import uvicorn

import dashboard.clock
import ledger
from dashboard.api import app
from dashboard.installation import Installation, use_installation
from ledger.settings import Settings
from ledger.webhooks.inbox import open_gateway
from ledger.worker import system_clock


def serve(url: str, port: int, clock: Path) -> None:
    """Serve until killed. `clock`: the file with the seconds by which this machine's clock is wrong."""

    class MachineTime(datetime):
        """What the operating system of this machine answers."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz or UTC) + timedelta(seconds=float(clock.read_text()))

    vars(dashboard.clock)["datetime"] = MachineTime
    engine, settings = ledger.connect(url), Settings(data_dir=Path(".data"))
    # The payment provider is another company's machine: our clocks do not move its own.
    gateways = {"sandbox": open_gateway(engine, settings, "sandbox", clock=system_clock)}
    use_installation(Installation(engine, settings, gateways))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", lifespan="off")
