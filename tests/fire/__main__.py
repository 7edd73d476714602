"""The fault campaign: `python -m tests.fire [--rounds N] [--seed S]`, `make fire`.

Every round lets several processes use, buy, refund and grant, some over HTTP, and packages are bought automatically, while
the database, the HTTP interface, clients and the worker are killed, cut and delayed, the disk is full, clocks jump and the
payment provider fails; then everything acknowledged has to be there once, and every alert delivered. A seed decides
all that is planned; `--seed S --rounds 1` plays one round again.
"""

import argparse
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fire.arena import Arena
from tests.fire.rounds import Result, play

FIRST_SEED = 1


def main(argv: list[str]) -> int:
    """Play the rounds; return 1 if anything was lost, doubled, half or out of order."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="seed of the first round")
    arguments = parser.parse_args(argv)
    home = Path(tempfile.mkdtemp(prefix="minutes-fire-"))
    home.chmod(0o711)
    results: list[Result] = []
    with Arena.opened(home) as arena:
        if not arena.has_own_disk:
            print("no disk of its own: mounting one takes the administrator, so a full disk is not tried")
        for seed in range(arguments.seed, arguments.seed + arguments.rounds):
            result = play(arena, seed)
            results.append(result)
            print(result.line(), flush=True)
    return report(results)


def report(results: list[Result]) -> int:
    """Print the figures of the campaign; return the status."""
    faults = Counter(name for result in results for name in result.faults)
    failures = [(result.seed, problem) for result in results for problem in result.problems]
    print(f"rounds {len(results)}")
    print(f"calls answered {sum(result.calls for result in results)}")
    print(f"entries booked {sum(result.entries for result in results)}")
    print(f"repeats after no answer {sum(result.repeats for result in results)}")
    print(f"faults {sum(faults.values())}: {', '.join(f'{name} {n}' for name, n in sorted(faults.items()))}")
    top_ups = sum((result.top_ups for result in results), Counter[str]())
    print(f"top-ups {top_ups.total()}: {', '.join(f'{name} {n}' for name, n in sorted(top_ups.items()))}")
    print(f"messages delivered {sum(result.messages for result in results)}")
    _print_recoveries("database", [seconds for result in results for seconds in result.recoveries])
    _print_recoveries("HTTP interface", [seconds for result in results for seconds in result.api_recoveries])
    print(f"problems {len(failures)}")
    for seed, problem in failures:
        print(f"  seed {seed}: {problem}")
    return 1 if failures else 0


def _print_recoveries(what: str, recoveries: list[float]) -> None:
    if recoveries:
        p99 = sorted(recoveries)[int(0.99 * len(recoveries))]
        print(f"{what} back after median {statistics.median(recoveries):.1f} s, p99 {p99:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
