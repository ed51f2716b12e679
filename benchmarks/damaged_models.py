"""Model files with damage: each must be read or refused, soon, and what is read must make sense.

`nice python benchmarks/damaged_models.py 100000 --format keras --seed 0` prints how many were read, how many
refused for which reason, which failed in any other way, each with the number that makes it again, and which
took longest.  Without a format all take their turn.  It needs the packages of the tests.
"""

from __future__ import annotations

import argparse
import heapq
import resource
import signal
import sys
import traceback
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from types import FrameType
from typing import NamedTuple

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS / "importers"), str(TESTS)]

from damage_outcome import outcome  # noqa: E402 - tests are no package; their folder comes first
from damaged_formats import FORMATS, damaged_file  # noqa: E402 - as above

# How many of the slowest files are told.
_SLOWEST = 5


class OutOfTime(BaseException):
    """A file took longer than any should; nothing that expects an error takes it for one."""


class Bounds(NamedTuple):
    """How long a file may take, in seconds of processor time, and how much memory beside what is there."""

    seconds: float
    megabytes: int


def main() -> int:
    """Read so many files of each format; 1 where one failed, took too long, or too much memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=int, nargs="?", default=100_000)
    parser.add_argument("--format", choices=FORMATS, action="append", help="all without one")
    parser.add_argument("--seed", type=int, default=0, help="of the first file; the others follow")
    parser.add_argument("--seconds", type=float, default=2.0, help="that a file may take")
    parser.add_argument("--megabytes", type=int, default=500, help="that a file may take")
    parser.add_argument("--whole", type=int, default=1, help="one of so many is carried on to the end")
    parser.add_argument("--keep", type=Path, help="a folder for the files that failed")
    parser.add_argument("--reasons", type=int, default=20, help="how many are printed")
    given = parser.parse_args()
    bounds = Bounds(given.seconds, given.megabytes)
    seeds = range(given.seed, given.seed + given.files)
    failed = 0
    for name in given.format or FORMATS:
        failed += read_all(name, seeds, bounds, given.whole, given.keep, given.reasons)
    return int(failed > 0)


def read_all(format: str, seeds: range, bounds: Bounds, whole: int, keep: Path | None, reasons: int) -> int:
    """Read the files of one format with these numbers, and print what became of them; how many failed."""
    counts: Counter[str] = Counter()
    slowest: list[tuple[float, int, int]] = []
    failed = 0
    begin = process_time()
    signal.signal(signal.SIGPROF, _stop)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for seed in seeds:
            file = damaged_file(format, seed)
            start = process_time()
            try:
                signal.setitimer(signal.ITIMER_PROF, 10 * bounds.seconds)
                with Limited(bounds.megabytes):
                    counts[outcome(file, folder, whole=seed % whole == 0)] += 1
                signal.setitimer(signal.ITIMER_PROF, 0)
            except (Exception, OutOfTime):
                signal.setitimer(signal.ITIMER_PROF, 0)
                failed += 1
                print(f"{format} {seed}:", traceback.format_exc(), sep="\n", flush=True)
                _kept(folder, keep, format, seed)
            taken = process_time() - start
            size = sum(map(len, file.files.values()))
            heapq.heappush(slowest, (taken, seed, size))
            if taken > bounds.seconds and size < 2**20:
                failed += 1
                print(f"{format} {seed}: {taken:.1f} s for {size:,} bytes", flush=True)
                _kept(folder, keep, format, seed)
            if len(slowest) > _SLOWEST:
                heapq.heappop(slowest)
    taken = process_time() - begin
    print(f"\n{format}: {failed} of {len(seeds):,} files failed, {taken:.0f} s of processor time")
    read = sum(number for text, number in counts.items() if text.startswith("read"))
    ended = sum(number for text, number in counts.items() if text.startswith("read to the end"))
    print(f"{read:,} were read, of which {ended:,} were checked and converted too")
    for taken, seed, size in sorted(slowest, reverse=True):
        print(f"  {1000 * taken:6.0f} ms, {size:,} bytes: seed {seed}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**10
    print(f"  {peak:,} MiB at most of all so far")
    for text, number in counts.most_common(reasons):
        print(f"{number:8} {text}")
    sys.stdout.flush()
    return failed


def _stop(number: int, frame: FrameType | None) -> None:
    raise OutOfTime


def _kept(folder: Path, keep: Path | None, format: str, seed: int) -> None:
    if keep is not None:
        (keep / f"{format}-{seed}").mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            (keep / f"{format}-{seed}" / path.name).write_bytes(path.read_bytes())


class Limited:
    """Within it no more memory than so many megabytes is given beside what the process has."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes

    def __enter__(self) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + self.megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))

    def __exit__(self, *raised: object) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main())
