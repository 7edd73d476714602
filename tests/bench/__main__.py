"""Every benchmark in turn: `python -m tests.bench`. Each is a process of its own and runs alone as `python -m tests.bench.NAME`.

Their lines `name ratio value unit` are passed on as they come. One that fails, or misses a bar, does not stop the
others; the last lines say which they were, and the exit status is 1 then.
"""

import subprocess
import sys
import time
from collections.abc import Iterator

NAMES = ("uses", "http", "imports", "sizes", "search", "overview", "replay", "page")
LEAST = {
    "track-single": 0.6,
    "track-hot": 0.4,
    "track-batch-1000": 0.4,
    "track-batch-10000": 0.4,
    "track-http": 0.6,
}
"""Ratios that must be reached. The other benchmarks hold their own bars, because those are not ratios alone."""


def main() -> int:
    """Run them all; gives the exit status."""
    missed: list[str] = []
    for name in NAMES:
        begun = time.perf_counter()
        command = [sys.executable, "-m", f"tests.bench.{name}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                missed += _missed(line)
        if process.returncode:
            missed.append(f"{name} ended with status {process.returncode}")
        print(f"# {name} took {time.perf_counter() - begun:.0f} s", flush=True)
    for one in missed:
        print(f"# missed: {one}", flush=True)
    return 1 if missed else 0


def _missed(line: str) -> Iterator[str]:
    """What a line says that is below its bar."""
    name, ratio = [*line.split()[:2], "", ""][:2]
    if name in LEAST and float(ratio) < LEAST[name]:
        yield f"{name} {ratio}, the bar is {LEAST[name]}"


if __name__ == "__main__":
    sys.exit(main())
