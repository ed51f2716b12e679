"""What weights are before anything is learned, and the bytes of those that are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from zlib import crc32

from rfcalc.exporting.onnx.wire import LargeData
from rfcalc.importers.onnx.model import StoredTensor
from rfcalc.records import NamedTuple

# So many numbers are drawn at a time.
_PIECE = 2**18
_BYTES = 4


class Filling(NamedTuple):
    """The numbers of a weight: drawn around a mean with a deviation, 0 where all are the mean."""

    mean: float
    deviation: float = 0.0


ZEROS, ONES = Filling(0.0), Filling(1.0)
# Tables, tokens and positions.
TABLE = Filling(0.0, 0.02)


def fan_in(read: int) -> Filling:
    """WeightChoice of a unit that reads so many numbers: what passes through ReLU keeps its variance.

    Source: He et al. 2015 (Delving deep into rectifiers), equation 10.
    """
    return Filling(0.0, float((2 / max(read, 1)) ** 0.5))


def drawn(stored: StoredTensor, filling: Filling) -> LargeData:
    """The bytes of a weight, the same in every run: what is drawn depends on its name alone."""
    count = prod(stored.lengths)

    def pieces() -> Iterator[bytes]:
        import numpy as np

        generator = np.random.default_rng(crc32(stored.name.encode()))
        for start in range(0, count, _PIECE):
            size = min(_PIECE, count - start)
            if filling.deviation:
                values = generator.standard_normal(size, dtype=np.float32) * np.float32(filling.deviation)
            else:
                values = np.zeros(size, dtype=np.float32)
            yield (values + np.float32(filling.mean)).astype("<f4").tobytes()

    return LargeData(_BYTES * count, pieces)
