"""The proof of networks: rows that depend on each other are no ties."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vajra_onnx.parity.network import Pair, prove
from vajra_onnx.schema import Column

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)


class Centred:
    """The rows of a batch without their mean; as a session and as an original."""

    def run_feeds(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"y": feeds["x"] - feeds["x"].mean(axis=0)}


def test_a_batch_whose_rows_depend_on_each_other_fails_by_what_a_row_alone_gets() -> None:
    columns = (Column("x", "float32", (None, 3), finite=True),)
    proof = prove(Pair(Centred().run_feeds, Centred(), 1e-5), {"x": X}, columns, ["y"])
    assert not proof.certificate.passed
    (output,) = proof.certificate.outputs
    assert output.outside > 0
    assert output.ties == 0
    assert (proof.worst["y"][0].got != proof.worst["y"][0].expected).any()
