"""sklearn.calibration: probabilities from the scores of one or several classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.isotonic import IsotonicRegression
from spox import Var

from ...graph import ops
from ...graph.block import Block, working
from ...graph.values import cast, constant, constant_like, dtype_of
from ..registry import Outputs, convert, converts, step
from .arrays import as_columns, column, hstack, is_vector, mean, row_sums, wider
from .isotonic import interpolate
from .labels import largest
from .response import response

ROWS = np.array([1])


@converts(CalibratedClassifierCV)
def calibrated_classifier(model: CalibratedClassifierCV, block: Block) -> Outputs:
    """The mean of the calibrated classifiers' probabilities, and the class of the largest."""
    probas = [_proba(each, block, f"calibrated_classifiers_[{i}]") for i, each in enumerate(model.calibrated_classifiers_)]
    proba = mean([cast(p, working(np.float64)) for p in probas])
    return {"predict": largest(model.classes_, proba), "predict_proba": proba}


def _proba(model: Any, block: Block, where: str) -> Var:
    """[N, K] of one pair of classifier and calibrators. Source: _CalibratedClassifier.predict_proba."""
    with step(where):
        outputs = convert(model.estimator, block)
        scores, method = response(model.estimator, outputs, ["decision_function", "predict_proba"])
    if model.method == "sigmoid" and len(model.classes) == 2:
        return _platt(model, as_columns(scores))  # never more than 1
    proba = _temperature(model, scores, method) if model.method == "temperature" else _one_by_one(model, scores)
    one = constant_like(proba, 1.0)
    slightly_more = ops.and_(ops.greater(proba, one), ops.less_or_equal(proba, constant_like(proba, 1.0 + 1e-5)))
    return ops.where(slightly_more, one, proba)


def _platt(model: Any, score: Var) -> Var:
    """[1 - p, p] of the only calibrator. score: [N, 1]. p times [-1, 1] plus [1, 0] is one node, and rounds 1 - p alone."""
    p = cast(_sigmoid(model.calibrators[0], score), working(np.float64))
    return ops.gemm(p, constant_like(p, [[-1.0, 1.0]]), constant_like(p, [1.0, 0.0]))


def _one_by_one(model: Any, scores: Var) -> Var:
    """A calibrator per class that the classifier knows, then a sum of one; where all are zero, the uniform distribution."""
    classes = np.asarray(model.classes)
    columns = [scores] if is_vector(scores) else [column(scores, i) for i in range(len(model.estimator.classes_))]
    places = np.searchsorted(classes, model.estimator.classes_)
    calibrated = {
        int(place): cast(_calibrate(calibrator, score), working(np.float64))
        for place, score, calibrator in zip(places, columns, model.calibrators, strict=False)
    }
    first = next(iter(calibrated.values()))
    if len(classes) == 2:
        # The only calibrator is that of the second class, though it goes by the place of the first.
        return hstack([ops.sub(constant_like(first, 1.0), calibrated[0]), calibrated[0]])
    zeros = ops.sub(first, first)
    proba = [calibrated.get(k, zeros) for k in range(len(classes))]
    total = as_columns(row_sums(proba))
    nothing = ops.equal(total, constant_like(total, 0.0))
    return ops.where(nothing, constant_like(total, 1.0 / len(classes)), ops.div(hstack(proba), total))


def _calibrate(calibrator: Any, score: Var) -> Var:
    return interpolate(calibrator, score) if isinstance(calibrator, IsotonicRegression) else _sigmoid(calibrator, score)


def _sigmoid(calibrator: Any, score: Var) -> Var:
    """1 / (1 + exp(a * score + b)). Source: _SigmoidCalibration.predict."""
    raw = wider(ops.add, wider(ops.mul, score, np.asarray(calibrator.a_)), np.asarray(calibrator.b_))
    one = constant_like(raw, 1.0)
    return ops.div(one, ops.add(one, ops.exp(raw)))


def _temperature(model: Any, scores: Var, method: str) -> Var:
    """softmax(beta * logits). Source: _TemperatureScaling.predict."""
    if is_vector(scores):
        other = ops.sub(constant_like(scores, 1.0), scores) if method == "predict_proba" else ops.neg(scores)
        scores = hstack([other, scores])
    logits = wider(ops.mul, _logits(scores), np.asarray(model.calibrators[0].beta_))
    powers = ops.exp(ops.sub(logits, ops.reduce_max(logits, constant(ROWS))))
    return ops.div(powers, ops.reduce_sum(powers, constant(ROWS)))


def _logits(scores: Var) -> Var:
    """log(scores + 1e-12) where the whole batch looks like probabilities, else the scores themselves.

    The original decides by the batch as well: every number from 0 to 1, every row's sum close to 1 (numpy.isclose).
    Source: sklearn.calibration._convert_to_logits.
    """
    zero, one = constant_like(scores, 0.0), constant_like(scores, 1.0)
    inside = ops.and_(ops.greater_or_equal(scores, zero), ops.less_or_equal(scores, one))
    distance = ops.abs(ops.sub(ops.reduce_sum(scores, constant(ROWS)), one))
    close = ops.less_or_equal(distance, constant_like(scores, 1e-8 + 1e-5))
    fits = ops.reduce_min(cast(ops.and_(inside, close), dtype_of(scores)), keepdims=0)
    return ops.where(ops.equal(fits, one), ops.log(ops.add(scores, constant_like(scores, 1e-12))), scores)
