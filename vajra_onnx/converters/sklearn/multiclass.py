"""sklearn.multiclass: many binary classifiers make one of many classes."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier, _ConstantPredictor
from spox import Var

from ...errors import UnsupportedError
from ...graph import ops
from ...graph.block import Block, working
from ...graph.values import cast, constant, constant_like
from ..registry import Output, Outputs, convert, converts, step
from .arrays import add_up, as_columns, column, hstack, is_vector
from .labels import largest, take
from .metrics.pairwise import expanded_squares

ROWS = np.array([1])


@converts(OneVsRestClassifier)
def one_vs_rest(model: OneVsRestClassifier, block: Block) -> Outputs:
    """The class whose classifier is surest; of several labels all that are above the threshold, as zeros and ones."""
    answers = _all_outputs(model, block)
    scores = [_score(e, outputs) for e, outputs in zip(model.estimators_, answers, strict=True)]
    result: dict[str, Output] = {}
    if model.label_binarizer_.y_type_ == "multiclass":
        result["predict"] = largest(model.classes_, hstack(scores))
    elif model.multilabel_:
        result["predict"] = cast(_above(hstack(scores), model), np.int64)
    else:
        result["predict"] = take(model.classes_, cast(_above(scores[0], model), np.int64))
    if hasattr(model, "predict_proba"):
        probas = [column(outputs["predict_proba"], 1) for outputs in answers]
        result["predict_proba"] = _normalised(model, probas)
    if hasattr(model, "decision_function"):
        decisions = [outputs["decision_function"] for outputs in answers]
        result["decision_function"] = decisions[0] if len(decisions) == 1 else hstack(decisions)
    return result


@converts(OneVsOneClassifier)
def one_vs_one(model: OneVsOneClassifier, block: Block) -> Outputs:
    """One vote per pair of classes; equal votes are decided by the sum of the confidences, squeezed below a third."""
    if model.pairwise_indices_ is not None:
        raise UnsupportedError("OneVsOneClassifier", got="a precomputed kernel")
    answers = _all_outputs(model, block.together())
    winners = hstack([outputs["predict"] for outputs in answers])
    scores = [_score(e, outputs) for e, outputs in zip(model.estimators_, answers, strict=True)]
    decision = _votes(winners, scores, len(model.classes_))
    if len(model.classes_) > 2:
        return {"predict": largest(model.classes_, decision), "decision_function": decision}
    decision = column(decision, 1)
    return {"predict": take(model.classes_, cast(_above(decision, model), np.int64)), "decision_function": decision}


@converts(OutputCodeClassifier)
def output_code(model: OutputCodeClassifier, block: Block) -> Outputs:
    """The class whose code word is closest to the scores. Beside huge scores no distance differs, and the first class wins."""
    answers = _all_outputs(model, block)
    scores = [_score(e, outputs) for e, outputs in zip(model.estimators_, answers, strict=True)]
    distances = expanded_squares(cast(hstack(scores), working(np.float64)), np.asarray(model.code_book_, np.float64))
    return {"predict": take(model.classes_, ops.arg_min(distances, axis=1, keepdims=0))}


@converts(_ConstantPredictor)
def constant_predictor(model: _ConstantPredictor, block: Block) -> Outputs:
    """A classifier that saw only one class."""
    rows = ops.shape(block.parts[0].var, start=0, end=1)
    y = ops.expand(constant(model.y_.reshape(1)), rows)
    yes = as_columns(cast(y, working(np.float64)))
    return {"predict": y, "decision_function": y, "predict_proba": hstack([ops.sub(constant_like(yes, 1.0), yes), yes])}


def _all_outputs(model: Any, block: Block) -> list[dict[str, Var]]:
    answers = []
    for i, estimator in enumerate(model.estimators_):
        with step(f"estimators_[{i}]"):
            outputs = convert(estimator, block)
            answers.append({name: value for name, value in outputs.items() if isinstance(value, Var)})
    return answers


def _score(estimator: Any, outputs: dict[str, Var]) -> Var:
    """[N]. Source: sklearn.multiclass._predict_binary."""
    if is_regressor(estimator):
        return outputs["predict"]
    if hasattr(estimator, "decision_function"):
        decision = outputs["decision_function"]
        return decision if is_vector(decision) else ops.reshape(decision, constant([-1]))
    return column(outputs["predict_proba"], 1)


def _above(scores: Var, model: Any) -> Var:
    """Source: sklearn.multiclass._threshold_for_binary_predict."""
    first = model.estimators_[0]
    threshold = 0.0 if hasattr(first, "decision_function") and is_classifier(first) else 0.5
    floats = cast(scores, working(np.float64))
    return ops.greater(floats, constant_like(floats, threshold))


def _normalised(model: OneVsRestClassifier, probas: list[Var]) -> Var:
    """Probabilities with a sum of one; where all are zero they stay zero; those of several labels stay as they are."""
    if len(probas) == 1:
        probas = [ops.sub(constant_like(probas[0], 1.0), probas[0]), *probas]
    together = hstack(probas)
    if model.multilabel_:
        return together
    total = as_columns(add_up([column(together, i) for i in range(len(probas))]))
    nothing = ops.equal(total, constant_like(total, 0.0))
    return ops.div(together, ops.where(nothing, constant_like(total, 1.0), total))


def _votes(winners: Var, scores: list[Var], n_classes: int) -> Var:
    """[N, K]. Source: sklearn.utils.multiclass._ovr_decision_function, which adds the confidences pair by pair."""
    kind = working(np.float64)
    pairs = list(combinations(range(n_classes), 2))
    first, second = (np.eye(n_classes)[[pair[side] for pair in pairs]] for side in (0, 1))
    lost, won = (cast(ops.equal(winners, constant_like(winners, side)), kind) for side in (0, 1))
    votes = ops.add(ops.matmul(lost, constant(first, kind)), ops.matmul(won, constant(second, kind)))
    scores = [cast(score, kind) for score in scores]
    terms: list[list[Var]] = [[] for _ in range(n_classes)]
    for (i, j), score in zip(pairs, scores, strict=True):
        terms[i].append(ops.neg(score))
        terms[j].append(score)
    confidence = hstack([add_up(t) for t in terms])
    bound = ops.mul(constant(3.0, kind), ops.add(ops.abs(confidence), constant(1.0, kind)))
    return ops.add(votes, ops.div(confidence, bound))
