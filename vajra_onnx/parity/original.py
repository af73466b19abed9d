"""The original model, asked for its answers: in its own container, quietly, and without the rows that it refuses."""

from __future__ import annotations

import heapq
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np

from ..converters.chain import Chain
from ..converters.dict_rows import given, sample_of
from ..converters.parts import has_network
from ..converters.registry import reference
from ..errors import ParityError
from ..frames import rebuild
from .rows import Rows

# How often one batch may be split in search of the rows that the original refuses: predicting costs it some 20 ms a call.
SPLITS = 150


@dataclass(frozen=True)
class Answers:
    """outputs: by name, one row for each of `rows`, all of which were accepted. refused: rows on which the original raised.
    index: the places of `rows` in the batch that was asked for; rows that are in neither were not settled in time."""

    rows: Rows
    index: np.ndarray
    outputs: dict[str, np.ndarray]
    refused: Rows


@dataclass
class Original:
    """A fitted model and how to ask it.

    sample: what the model is converted with; batches are given to the model in a container like it. methods: output name ->
    method; `predict_proba_1` is the second array of a list of answers. seconds: time spent in the model so far.
    """

    model: Any
    sample: Any
    methods: Mapping[str, str]
    seconds: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.sample = sample_of(self.model, self.sample)

    @cached_property
    def has_network(self) -> bool:
        """Whether a network takes part in what it answers."""
        return has_network(self.model)

    def run(self, columns: Any, outputs: Iterable[str] | None = None) -> dict[str, np.ndarray]:
        """The answers by output name, dense, in the original's dtypes. columns: as `frames.read` gives them.

        Raises whatever the original raises.
        """
        with self._asked():
            return self._answers(self._container(columns), outputs)

    def accepts(self, rows: Rows) -> bool:
        """Whether the original answers all of these rows."""
        return self._try(rows, None) is not None

    def acceptance(self, rows: Rows) -> Callable[[int], bool]:
        """A function that tells whether the original answers row i alone. A wide container takes longer to make than to be
        refused, so that one is made for all rows; rows that none can hold together are put in one each."""
        try:
            with self._asked():
                data = self._container(rows.raw())
        except Exception:  # a dtype that cannot hold a value
            return lambda i: self.accepts(rows.take(np.array([i])))

        def accepts(i: int) -> bool:
            try:
                with self._asked():
                    return bool(self._answers(data.iloc[i : i + 1] if hasattr(data, "iloc") else data[i : i + 1]))
            except Exception:
                return False

        return accepts

    def answer(self, rows: Rows, outputs: Iterable[str] | None = None) -> Answers:
        """The answers on the rows that the original accepts.

        A batch that it refuses is split, the largest part first, until the refused rows stand alone or SPLITS is reached;
        rows that are left over then were neither accepted nor refused, and are dropped.
        """
        names = None if outputs is None else list(outputs)
        whole = np.arange(len(rows))
        refused = np.empty(0, np.int64)
        answers = self._try(rows, names) if len(rows) else {}
        if answers is None:
            whole, refused = self._settle(rows, names)
            answers = self.run(rows.take(whole).raw(), names) if len(whole) else {}
        return Answers(rows.take(whole), whole, answers, rows.take(refused))

    def one_by_one(self, rows: Rows, outputs: Iterable[str] | None = None) -> Answers:
        """Like `answer`, every row at batch 1."""
        names = None if outputs is None else list(outputs)
        parts = [self._try(rows.take(np.array([i])), names) for i in range(len(rows))]
        index = np.array([i for i, part in enumerate(parts) if part is not None], np.int64)
        refused = np.array([i for i, part in enumerate(parts) if part is None], np.int64)
        accepted = [part for part in parts if part is not None]
        answers = {name: np.concatenate([part[name] for part in accepted]) for name in accepted[0]} if accepted else {}
        return Answers(rows.take(index), index, answers, rows.take(refused))

    def explain(self, rows: Rows) -> str:
        """The message with which the original refuses these rows, in one line."""
        try:
            self.run(rows.raw())
        except Exception as error:
            return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        return "no error"

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """The original at work: on one thread, without warnings, and its seconds counted."""
        started = time.perf_counter()
        try:
            with quiet(), self._one_thread():
                yield
        finally:
            self.seconds += time.perf_counter() - started

    def _container(self, columns: Any) -> Any:
        return given(self.model, rebuild(self.sample, columns))

    def _answers(self, data: Any, outputs: Iterable[str] | None = None) -> dict[str, np.ndarray]:
        known: dict[str, Any] = {}
        return {name: self._answer(data, self.methods[name], known) for name in outputs or self.methods}

    @contextmanager
    def _one_thread(self) -> Iterator[None]:
        """OpenMP spreads rows over threads, which starting and waiting makes slower, not faster, at the size of our batches.
        joblib's jobs (`n_jobs`) add a forest's trees up in the order in which they happen to finish: another one each time."""
        joblib = sys.modules.get("joblib")
        with ExitStack() as stack:
            if self._controller:
                stack.enter_context(self._controller.limit(limits=1, user_api="openmp"))
            if joblib is not None:
                stack.enter_context(joblib.parallel_config(backend="sequential"))
            yield

    @cached_property
    def _controller(self) -> Any:
        try:
            from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]
        except ImportError:  # it comes with scikit-learn
            return None
        return ThreadpoolController()

    def _try(self, rows: Rows, outputs: list[str] | None) -> dict[str, np.ndarray] | None:
        try:
            return self.run(rows.raw(), outputs)
        except Exception:  # the original may raise anything at all: that is what is being found out
            return None

    def _settle(self, rows: Rows, outputs: list[str] | None) -> tuple[np.ndarray, np.ndarray]:
        """The places of the accepted and of the refused rows."""
        queue = [(-len(part), int(part[0]), part) for part in _groups(rows)]
        heapq.heapify(queue)
        accepted, refused = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for _ in range(SPLITS):
            if not queue:
                break
            _, _, part = heapq.heappop(queue)
            if self._try(rows.take(part), outputs) is not None:
                accepted.append(part)
            elif len(part) == 1:
                refused.append(part)
            else:
                for half in (part[: len(part) // 2], part[len(part) // 2 :]):
                    heapq.heappush(queue, (-len(half), int(half[0]), half))
        return np.sort(np.concatenate(accepted)), np.sort(np.concatenate(refused))

    def _numbered(self, method: str) -> tuple[str, int | None]:
        """The method to ask, and the place in the list that it answers, if it is one. dense_1 is a network's own name."""
        head, _, tail = method.rpartition("_")
        named = isinstance(self.model, Chain) and self.model.ends_in_network
        return (head, int(tail)) if head and tail.isdigit() and not named else (method, None)

    def _answer(self, data: Any, method: str, known: dict[str, Any]) -> np.ndarray:
        base, number = self._numbered(method)
        if base not in known:
            known[base] = reference(self.model, data, base)
        answer = known[base] if number is None else known[base][number]
        array = _numbers(np.asarray(answer.toarray() if hasattr(answer, "toarray") else answer))
        rows = data.shape[0] if hasattr(data, "shape") else len(data)
        if len(array) != rows:
            raise ParityError(f"{method} of the original", expected=f"{rows} rows", got=f"shape {list(array.shape)}")
        return array


def _numbers(answer: np.ndarray) -> np.ndarray:
    """Objects that are all numbers, as numbers: pandas makes objects of a frame that has floats and booleans."""
    if answer.dtype != object or not all(isinstance(value, (Number, np.bool_)) for value in answer.flat):
        return answer
    return np.asarray(answer.tolist())


@contextmanager
def quiet() -> Iterator[None]:
    """The original's warnings about adversarial rows are nobody's concern."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _groups(rows: Rows) -> list[np.ndarray]:
    """Rows that are likely to be refused together, side by side: by kind, the value tried and the field changed."""
    keys: dict[tuple[str, str], list[int]] = {}
    order = np.argsort(rows.changed, kind="stable")
    for i in order:
        keys.setdefault((rows.kinds[i], rows.labels[i]), []).append(int(i))
    return [np.array(places) for places in keys.values()]
