"""sklearn.ensemble._voting: many estimators, one vote."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import VotingClassifier, VotingRegressor
from spox import Var

from ....errors import UnsupportedError
from ....graph import ops
from ....graph.block import Block, working
from ....graph.values import cast, constant
from ...registry import Output, Outputs, convert, converts, step
from ..arrays import add_up, average, hstack
from ..labels import largest


@converts(VotingClassifier)
def voting_classifier(model: VotingClassifier, block: Block) -> Outputs:
    """soft: the class of the largest average probability; hard: the class with the most votes, the first of equal ones."""
    if model.voting == "soft":
        probas = _answers(model, block, "predict_proba")
        proba = average(probas, model._weights_not_none)
        outputs: dict[str, Output] = {"predict": largest(model.classes_, proba), "predict_proba": proba}
        # Unflattened, `transform` is [estimators, N, K]: no row of it belongs to a row of the input.
        return outputs | ({"transform": hstack(probas)} if model.flatten_transform else {})
    votes = [cast(vote, np.int64) for vote in _answers(model, block, "predict")]
    return {"predict": largest(model.classes_, _count(model, votes)), "transform": hstack(votes)}


@converts(VotingRegressor)
def voting_regressor(model: VotingRegressor, block: Block) -> Outputs:
    """The (weighted) average of the predictions."""
    predictions = _answers(model, block, "predict")
    return {"predict": average(predictions, model._weights_not_none), "transform": hstack(predictions)}


def _answers(model: Any, block: Block, method: str) -> list[Var]:
    answers = []
    for i, estimator in enumerate(model.estimators_):
        with step(f"estimators_[{i}]"):
            answer = convert(estimator, block).get(method)
            if not isinstance(answer, Var):
                raise UnsupportedError(expected=f"an estimator with {method}", got=type(estimator).__name__)
            answers.append(answer)
    return answers


def _count(model: VotingClassifier, votes: list[Var]) -> Var:
    """numpy.bincount of every row: each estimator adds its weight to the class that it votes for. -> [N, K]."""
    weights = model._weights_not_none or [1] * len(votes)
    if min(weights) < 0:
        raise UnsupportedError("hard voting", expected="weights of at least 0", got=str(min(weights)))
    ballots = [np.eye(len(model.classes_)) * weight for weight in weights]
    kind = working(np.float64)
    return add_up([ops.gather(constant(b, kind), vote, axis=0) for b, vote in zip(ballots, votes, strict=True)])
