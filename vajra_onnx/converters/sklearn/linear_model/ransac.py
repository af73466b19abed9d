"""sklearn.linear_model._ransac."""

from __future__ import annotations

from sklearn.linear_model import RANSACRegressor

from ....graph.block import Block
from ...registry import Outputs, convert, converts, step


@converts(RANSACRegressor)
def ransac(model: RANSACRegressor, block: Block) -> Outputs:
    """The prediction of the estimator that was fitted on the inliers; it sees an array, never a DataFrame."""
    with step("estimator_"):
        array = block.together()
        return {"predict": convert(model.estimator_, array)["predict"]}
