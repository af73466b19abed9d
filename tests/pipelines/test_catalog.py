"""Every ordinary pipeline converts with `vo.convert(pipeline, df)` alone, and is proved; one's own Python is refused by name."""

from __future__ import annotations

import pytest
from pipelines import numbers_and_texts  # noqa: F401
from pipelines.catalog import PIPELINES
from pipelines.own_code import REFUSED

import vajra_onnx as vo


# TargetEncoder takes whole minutes of delay for classes, some of them rare: what a user gets who leaves its target_type alone.
@pytest.mark.filterwarnings("ignore:The least populated class in y:UserWarning")
@pytest.mark.parametrize("name", PIPELINES)
def test_converts_and_is_proved(name: str) -> None:
    model, features = PIPELINES[name]()
    certificate = vo.convert(model, features).certificate
    assert certificate.passed, certificate.summary()
    assert sum(output.flips for output in certificate.outputs) == 0


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name: str) -> None:
    build, message = REFUSED[name]
    model, features = build()
    with pytest.raises(vo.UnsupportedError, match=message):
        vo.convert(model, features)
