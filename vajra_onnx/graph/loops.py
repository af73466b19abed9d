"""Iterations: a Loop whose states keep their shapes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from spox import Var
from spox._exceptions import InferenceWarning

from . import ops
from .values import constant

Body = Callable[[Var, list[Var]], tuple[Var, list[Var]]]


def iterate(limit: int, states: Sequence[Var], shapes: Sequence[Sequence[int]], body: Body) -> list[Var]:
    """The states after up to `limit` steps. body: (number of the step, states) -> (whether to go on, new states).

    shapes: of each state, as Reshape takes them (-1 for the rows): ONNX forgets the shapes of what a loop carries.
    """

    def step(i: Var, _: Var, *carried: Var) -> list[Var]:
        going, fresh = body(i, _shaped(carried, shapes))
        return [ops.reshape(going, constant([1])), *fresh]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InferenceWarning)  # of the forgotten shapes
        final = ops.loop(constant([limit]), constant(np.array([True])), list(states), body=step)
    return _shaped(final, shapes)


def walk(
    steps: Var, states: Sequence[Var], shapes: Sequence[Sequence[int]], body: Callable[[Var, list[Var]], list[Var]]
) -> tuple[list[Var], Var]:
    """The states after all of the steps, and the first state after every one of them, [T, ...].

    steps: [T, ...]. shapes: of each state, as Reshape takes them (0 for what it has already). body: (one step, states) -> states.
    """

    def step(i: Var, going: Var, *carried: Var) -> list[Var]:
        place = ops.reshape(i, constant(np.zeros(0, np.int64)))  # of rank 0, whatever was inferred
        fresh = body(ops.gather(steps, place, axis=0), _shaped(carried, shapes))
        return [ops.identity(going), *fresh, ops.identity(fresh[0])]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InferenceWarning)  # of the forgotten shapes
        *final, every = ops.loop(ops.shape(steps, end=1), constant(np.array([True])), list(states), body=step)
    return _shaped(final, shapes), ops.reshape(every, constant([0, *shapes[0]]))


def _shaped(states: Sequence[Var], shapes: Sequence[Sequence[int]]) -> list[Var]:
    return [ops.reshape(state, constant(list(shape))) for state, shape in zip(states, shapes, strict=True)]
