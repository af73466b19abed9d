"""What every test of Keras begins and ends with: weights that do not hang on its neighbours, a process that stays alive."""

from __future__ import annotations

import gc
import importlib.util
import sys
from collections.abc import Iterator
from itertools import count

import pytest

EVERY = 40
_tests = count(1)


@pytest.fixture(autouse=True)
def _same_weights_in_any_order() -> None:
    """A test makes its models with the same weights, whatever ran before it in its process."""
    if importlib.util.find_spec("keras") is not None:
        import keras_nets

        keras_nets.seed(0)


@pytest.fixture(autouse=True)
def _let_go_of_what_jax_compiled() -> Iterator[None]:
    """Each compiled operation takes some of the 65,530 mappings that Linux grants a process (`vm.max_map_count`); beyond them JAX
    ends in a segmentation fault, after six gigabytes."""
    yield
    jax = sys.modules.get("jax")
    if jax is not None and next(_tests) % EVERY == 0:
        jax.clear_caches()
        gc.collect()
