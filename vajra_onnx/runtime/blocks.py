"""Large batches in blocks of rows that run at the same time: the same bits as in one piece, at any number of threads.

onnxruntime's own threads share the trees of an ensemble out, and then add them in another order. Here each block runs in one
thread, in the order that the graph promises; `run` of onnxruntime lets go of Python's lock.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise
from typing import Any

import numpy as np

from .onnxruntime import Runner

# What the exporter writes into the metadata of a graph that answers each row by itself (graph/rows.py).
ROWS_KEY, INDEPENDENT = "vajra_onnx.rows", "independent"

# Below, handing a block to another thread costs more than it gains.
SMALLEST = 256
# Blocks start at multiples of this many rows, so that vectorised loops over numbers meet every row at the same place.
STEP = 64


class RowBlocks:
    """A runner that cuts large batches into one block per thread. Thread-safe; all callers share its threads.

    threads: how many blocks run at once, the caller's own thread included. The others end with this object.
    """

    def __init__(self, run: Runner, threads: int) -> None:
        self._run = run
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads - 1, thread_name_prefix="vajra-onnx")
        weakref.finalize(self, self._pool.shutdown, wait=False)

    def __call__(self, names: Sequence[str], feeds: Mapping[str, np.ndarray], options: Any) -> Sequence[Any]:
        """The answers in the order of `names`. What a block raises is raised, after all blocks have ended."""
        lengths = {len(array) for array in feeds.values()}
        bounds = cuts(max(lengths), self._threads)
        if len(bounds) == 2 or len(lengths) > 1:  # onnxruntime says what is wrong with columns of different lengths
            return self._run(names, feeds, options)
        first, *others = ({name: array[start:end] for name, array in feeds.items()} for start, end in pairwise(bounds))
        futures = [self._pool.submit(self._run, names, block, options) for block in others]
        try:
            answers = [self._run(names, first, options)]
        finally:
            wait(futures)
        answers += [future.result() for future in futures]
        return [np.concatenate(parts) for parts in zip(*answers, strict=True)]


def cuts(rows: int, threads: int) -> list[int]:
    """Where the blocks begin, and the end: whole STEPs, none smaller than SMALLEST; the last one takes what is left."""
    blocks = max(1, min(threads, rows // SMALLEST))
    size = rows // (blocks * STEP) * STEP
    return [*(block * size for block in range(blocks)), rows]
