"""sklearn.pipeline: steps one after another, and side by side."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import FeatureUnion, Pipeline

from ...graph.block import Block
from ..registry import Outputs, convert, converts, has_reference, reference, references, step
from .containers import held, side_by_side, step_output, weighted
from .feature_extraction.texts import takes_texts, texts


@converts(Pipeline)
def pipeline(model: Pipeline, block: Block) -> Outputs:
    """Every step's transform feeds the next; the last step's outputs are the pipeline's."""
    for name, estimator in model.steps[:-1]:
        if estimator is not None and estimator != "passthrough":
            with step(f"steps[{name!r}]"):
                block = step_output(estimator, block)
    name, last = model.steps[-1]
    if last is None or last == "passthrough":
        return {"transform": block}
    with step(f"steps[{name!r}]"):
        outputs = convert(last, block)
    # A pipeline passes on some methods of its last step and not others: a forest's `apply` is not among them.
    offered = outputs if has_reference(last) else {k: v for k, v in outputs.items() if hasattr(model, k)}
    return {k: held(last, v) if k == "transform" and isinstance(v, Block) else v for k, v in offered.items()}


@references(Pipeline)
def pipeline_reference(model: Pipeline, data: Any, output: str) -> Any:
    """The last step's own reference, where it has one, of what the steps before it make (a booster's margin); else the method."""
    last = model.steps[-1][1]
    if len(model.steps) == 1 and has_reference(last):
        return reference(last, data, output)
    given = texts(data) if takes_texts(model) else data
    return reference(last, model[:-1].transform(given), output) if has_reference(last) else getattr(model, output)(given)


@converts(FeatureUnion)
def feature_union(model: FeatureUnion, block: Block) -> Block:
    """Every transformer sees the same columns; their outputs stand side by side."""
    results = []
    for name, transformer, weight in model._iter():
        with step(f"transformer_list[{name!r}]"):
            results.append(weighted(step_output(transformer, block), weight))
    return side_by_side(model, results, sparse=any(r.sparse for r in results))


@references(FeatureUnion)
def feature_union_reference(model: FeatureUnion, data: Any, output: str) -> Any:
    """The method, given the texts themselves where the transformers are vectorizers."""
    return getattr(model, output)(texts(data) if takes_texts(model) else data)
