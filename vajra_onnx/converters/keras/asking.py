"""How a model is asked in its backend, and what the backend needs in order to answer as a reference.

JAX cannot raise in the middle of a computation: to an index beyond a table, which TensorFlow, torch and the graph refuse, it
answers NaN. Where an answer has one, JAX is asked again with its own check of indices. And it compiles every operation for every
shape: batches of a few sizes only make a proof several times faster.
Source: `jax.numpy.take`, mode "fill"; `jax.experimental.checkify`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from ..networks import Feeds

Call = Callable[[Feeds], list[np.ndarray]]

BATCH = 32


def refusing(call: Callable[[Feeds], Any]) -> Call:
    """What asks a model in its backend: arrays by input name -> the outputs, in the order of the model."""
    jax = keras.backend.backend() == "jax"
    return _through_jax(call) if jax else lambda feeds: [_array(result) for result in keras.tree.flatten(call(feeds))]


def _through_jax(call: Callable[[Feeds], Any]) -> Call:
    from jax.experimental import checkify

    def stateless(feeds: Feeds) -> Any:
        with keras.StatelessScope():  # what is traced must leave nothing in the model, such as the state of its generators
            return call(feeds)

    checked = checkify.checkify(stateless, errors=checkify.index_checks)

    def ask(feeds: Feeds) -> list[np.ndarray]:
        rows = len(next(iter(feeds.values())))
        filled: Feeds = {name: np.concatenate([a, np.repeat(a[-1:], max(0, BATCH - rows), axis=0)]) for name, a in feeds.items()}
        try:
            answer = call(filled)
        except Exception:  # a model may take batches of one size only
            answer, filled = call(feeds), feeds
        results = [_array(result)[:rows] for result in keras.tree.flatten(answer)]
        if any(result.dtype.kind == "f" and np.isnan(result).any() for result in results):
            checked(filled)[0].throw()
        return results

    return ask


def _array(result: Any) -> np.ndarray:
    array = np.asarray(keras.ops.convert_to_numpy(result))
    if array.dtype.name == "bfloat16":  # numpy has none: the graph holds its numbers as float32, too
        return array.astype(np.float32)
    if array.dtype.kind not in "OS":
        return array
    texts = np.empty(array.shape, object)
    texts.ravel()[:] = [v.decode() if isinstance(v, bytes) else v for v in array.ravel().tolist()]
    return texts
