"""Arrays against a schema, where numpy itself might have something to say."""

from __future__ import annotations

import numpy as np
import pytest

from vajra_onnx.errors import InputError
from vajra_onnx.schema import Column, Schema
from vajra_onnx.server.feeds import Checker

SIGNALLING = np.array([[0x7F800001]], np.uint32).view(np.float32)


def test_a_signalling_nan_is_refused_like_any_other() -> None:
    """Beside a column of another width, to which numpy would convert it with a warning."""
    check = Checker(Schema((Column("a", "float32"), Column("b", "float64")), (Column("y", "float64"),)))
    with pytest.raises(InputError, match="'a'"):
        check({"a": SIGNALLING, "b": np.ones((1, 1))})
