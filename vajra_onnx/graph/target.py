"""What the graph under construction is built for: its opset, its mode, and the large weights that join it at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import numpy as np
import spox._future
from spox import Var

from ..errors import UnsupportedError

DEFAULT_OPSET = 21
OLDEST_OPSET = 17
MODES = ("exact", "fast")


@dataclass
class Target:
    """The setting of one conversion. opset: the version of ai.onnx; mode: "exact" or "fast".

    weights: the late-bound tensors, or what makes them, by the variable that stands for each; `model.build` turns them into
    initializers.
    notes: what the certificate has to tell about the graph.
    known: the small constants, by the identity of the variable, for operators that want them as attributes.
    names: of nodes, by the late-bound weight that each reads: what the runtime recognises (see `refuse.py` and `symmetric.py`).
    """

    opset: int = DEFAULT_OPSET
    mode: str = "exact"
    weights: list[tuple[Var, np.ndarray | Callable[[], np.ndarray]]] = field(default_factory=list)
    names: list[tuple[Var, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    known: dict[int, tuple[Var, np.ndarray]] = field(default_factory=dict)

    @property
    def ml_opset(self) -> int:
        """The ai.onnx.ml version that was released together with this ai.onnx version."""
        return {20: 4}.get(self.opset, 5 if self.opset >= 21 else 3)


_current: ContextVar[Target] = ContextVar("target")


def current() -> Target:
    """The target of the conversion that is running; a LookupError outside of one is a bug of the caller."""
    return _current.get()


@contextmanager
def building(opset: int = DEFAULT_OPSET, mode: str = "exact") -> Iterator[Target]:
    """Everything inside builds one graph for this opset and mode."""
    if not OLDEST_OPSET <= opset <= 27:
        raise UnsupportedError("target opset", expected=f"{OLDEST_OPSET} to 27", got=str(opset))
    if mode not in MODES:
        raise UnsupportedError("mode", expected=" | ".join(MODES), got=repr(mode))
    token = _current.set(Target(opset, mode))
    try:
        # spox's value propagation runs every constant through a reference runtime: 3 ms a node, and we fold ourselves.
        with spox._future.value_prop_backend(spox._future.ValuePropBackend.NONE):
            yield _current.get()
    finally:
        _current.reset(token)
