"""scikeras.wrappers: the network inside, and what the wrapper makes of its only output."""

from __future__ import annotations

from typing import Any

import numpy as np
from scikeras.utils.transformers import ClassifierLabelEncoder, RegressorTargetEncoder
from scikeras.wrappers import KerasClassifier, KerasRegressor
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block
from ...graph.values import cast, concat, constant, constant_like, width_of
from ..feeding import emitted, only_table
from ..networks import wraps_network
from ..registry import Outputs, converts, references, step, transform
from ..sklearn.labels import largest


@wraps_network(KerasClassifier, KerasRegressor)
def model_inside(model: Any) -> Any:
    """The Keras model of a fitted wrapper."""
    return getattr(model, "model_", None)


@converts(KerasClassifier)
def keras_classifier(model: KerasClassifier, block: Block) -> Outputs:
    """Labels and probabilities. Source: `ClassifierLabelEncoder.inverse_transform`: a single sigmoid p becomes [1 - p, p]; of
    several labels at once each is rounded to the nearest, half to even."""
    encoder = _encoder(model, ClassifierLabelEncoder)
    scores = _answer(model, block)
    kind = encoder._target_type
    if kind == "binary" and width_of(scores) == 1:
        scores = concat([ops.sub(constant_like(scores, 1.0), scores), scores])
    if kind in ("binary", "multiclass"):
        labels = _shaped(largest(encoder.classes_, scores), encoder)
    elif kind == "multiclass-onehot":
        count = constant(encoder.n_classes_, np.int64)
        labels = ops.one_hot(ops.arg_max(scores, axis=1, keepdims=0), count, constant([0, 1], np.int64))
    elif kind == "multilabel-indicator":
        labels = cast(ops.round(scores), np.int64)
    else:
        raise UnsupportedError("the target of a KerasClassifier", expected="classes, or labels [N, K] of 0 and 1", got=kind)
    return {"predict": labels, "predict_proba": scores}


@converts(KerasRegressor)
def keras_regressor(model: KerasRegressor, block: Block) -> Outputs:
    """The network's output in the shape of the target. Source: `RegressorTargetEncoder.inverse_transform`."""
    return {"predict": _shaped(_answer(model, block), _encoder(model, RegressorTargetEncoder))}


@references(KerasClassifier, KerasRegressor)
def wrapper_reference(model: Any, data: Any, output: str) -> Any:
    """The wrapper's own method, without Keras' progress bar. Probabilities stay [N, K]: the wrapper squeezes a single row."""
    answer = np.asarray(getattr(model, output)(data, verbose=0))
    return answer.reshape(data.shape[0], -1) if output == "predict_proba" else answer


def _answer(model: Any, block: Block) -> Var:
    """The network's only output [N, K] to what `feature_encoder_` makes of the columns."""
    if not hasattr(model, "model_"):
        raise UnsupportedError(f"a {type(model).__name__} that is not fitted")
    with step("feature_encoder_"):
        encoded = transform(model.feature_encoder_, block)
    with step("model_"):
        scores: Var = only_table(emitted(model.model_, encoded, refusing=False))
    return scores


def _encoder(model: Any, kind: type) -> Any:
    if type(model.target_encoder_) is not kind:
        raise UnsupportedError("target_encoder_", expected=kind.__name__, got=type(model.target_encoder_).__name__)
    return model.target_encoder_


def _shaped(answers: Var, encoder: Any) -> Var:
    """`y.reshape(-1, *shape of one target)`."""
    return ops.reshape(answers, constant([-1, *encoder._y_shape[1:]], np.int64))
