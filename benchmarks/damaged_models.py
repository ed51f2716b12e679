"""Model files with damage at random places: each must be read or refused, soon.

`python benchmarks/damaged_models.py 100000 --seed 0` prints how many were read, how many refused for which
reason, and what raised anything else, with the seed that makes it again.  It needs the packages of the tests.
"""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from time import process_time

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS / "importers"))

from damage import damaged  # noqa: E402 - tests are no package; their folder comes first

from rfcalc.errors import RfcalcError  # noqa: E402 - as above
from rfcalc.importers.onnx.order import ordered  # noqa: E402 - as above
from rfcalc.importers.onnx.reading import model_of  # noqa: E402 - as above


def outcome(data: bytes) -> str:
    """What becomes of a file: `read`, or why it is refused, without names and numbers."""
    try:
        ordered(model_of(lambda at, count: data[at : at + count], len(data)).graph)
    except RfcalcError as error:
        reason = re.sub(r"'(?:[^'\\]|\\.)*'|\d[\d,x]*", "#", str(error).rpartition(": ")[2])
        return f"refused: {reason[:70]}"
    return "read"


def main() -> int:
    """Read so many files; 1 where one raised anything but a refusal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=int, nargs="?", default=100_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first file; the others follow")
    parser.add_argument(
        "--largest", type=int, default=20_000, help="bytes of the largest file that is damaged"
    )
    arguments = parser.parse_args()
    paths = sorted((TESTS / "data" / "onnx").glob("*.onnx"))
    whole = [path.read_bytes() for path in paths if path.stat().st_size <= arguments.largest]
    counts: Counter[str] = Counter()
    slowest, wrong = (0.0, 0), 0
    for seed in range(arguments.seed, arguments.seed + arguments.files):
        random = Random(seed)
        data = damaged(random.choice(whole), random, whole)
        start = process_time()
        try:
            counts[outcome(data)] += 1
        except Exception:
            wrong += 1
            print(f"seed {seed}:", traceback.format_exc(), sep="\n", flush=True)
        slowest = max(slowest, (process_time() - start, seed))
    for text, number in counts.most_common(40):
        print(f"{number:8} {text}")
    print(f"\n{wrong} of {arguments.files} files raised something else")
    print(f"slowest: {1000 * slowest[0]:.1f} ms of processor time, seed {slowest[1]}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
