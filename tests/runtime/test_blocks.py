"""Row blocks: the same bits at any number of threads, and one piece wherever rows may depend on each other."""

from __future__ import annotations

import gc
import threading
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from sklearn.datasets import make_regression
from sklearn.decomposition import NMF
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from xgboost import XGBClassifier, XGBRegressor

from vajra_onnx.errors import InputError
from vajra_onnx.export.build import build_model
from vajra_onnx.runtime.blocks import INDEPENDENT, ROWS_KEY, SMALLEST, STEP, RowBlocks, cuts
from vajra_onnx.runtime.session import Session, load

X, Y = make_regression(1500, 6, n_informative=4, random_state=0)
X = X.astype(np.float32)
CLASSES = np.digitize(Y, [-50, 50])
MODELS = [
    XGBRegressor(n_estimators=60).fit(X, Y),
    XGBClassifier(n_estimators=20).fit(X, CLASSES),
    HistGradientBoostingClassifier(max_iter=20).fit(X, CLASSES),
    RandomForestRegressor(20, random_state=0).fit(X, Y),
]


def named(model: object) -> str:
    return type(model).__name__


@pytest.mark.parametrize("model", MODELS, ids=named)
@pytest.mark.parametrize("threads", [2, 3])
def test_any_number_of_threads_gives_the_same_bits(model: object, threads: int) -> None:
    proto = build_model(model, X[:50])[0].SerializeToString()
    one, many = Session(proto), Session(proto, threads=threads)
    assert isinstance(many._run, RowBlocks)
    for rows in (1, SMALLEST, 2 * SMALLEST + 1, 1499):
        expected, got = one.run(X[:rows]), many.run(X[:rows])
        for name, values in expected.items():
            assert got[name].dtype == values.dtype
            np.testing.assert_array_equal(got[name], values)


@pytest.mark.parametrize("rows", [0, 1, 255, 511, 512, 513, 1921, 10_000, 100_003])
@pytest.mark.parametrize("threads", [1, 2, 7, 64])
def test_blocks_cover_all_rows_and_none_is_small(rows: int, threads: int) -> None:
    bounds = cuts(rows, threads)
    sizes = np.diff(bounds)
    assert bounds[0] == 0
    assert bounds[-1] == rows
    assert 1 <= len(sizes) <= threads
    assert len(sizes) == 1 or sizes.min() >= SMALLEST
    assert not any(start % STEP for start in bounds[:-1])


def test_a_model_that_looks_at_the_whole_batch_stays_in_one_piece() -> None:
    proto, _, _ = build_model(NMF(2, max_iter=500, random_state=0, tol=1e-2).fit(np.abs(X)), np.abs(X[:50]))
    assert ROWS_KEY not in {entry.key for entry in proto.metadata_props}
    assert not isinstance(Session(proto.SerializeToString(), threads=2)._run, RowBlocks)


def test_the_metadata_names_the_rule() -> None:
    proto, _, _ = build_model(MODELS[0], X[:50])
    assert {entry.key: entry.value for entry in proto.metadata_props}[ROWS_KEY] == INDEPENDENT


def test_many_callers_share_the_threads_and_all_end_with_the_session() -> None:
    session: Session | None = load(build_model(MODELS[0], X[:50])[0].SerializeToString(), threads=3)
    assert session is not None
    expected = session.run(X)["predict"]
    answers: list[np.ndarray] = []
    callers = [threading.Thread(target=lambda run=session.run: answers.append(run(X)["predict"])) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert all(np.array_equal(answer, expected) for answer in answers)
    assert len(answers) == 6
    helpers = [t for t in threading.enumerate() if t.name.startswith("vajra-onnx")]
    assert len(helpers) <= 2
    del session, callers
    gc.collect()
    for helper in helpers:
        helper.join(5)
        assert not helper.is_alive()


def test_what_a_block_raises_is_raised() -> None:
    def run(names: Sequence[str], feeds: Mapping[str, np.ndarray], options: object) -> list[np.ndarray]:
        if (feeds["x"] == 700).any():
            raise InputError("row 700")
        return [feeds["x"] * 2]

    blocks = RowBlocks(run, 2)
    with pytest.raises(InputError, match="row 700"):
        blocks(["y"], {"x": np.arange(1000)}, None)
    np.testing.assert_array_equal(blocks(["y"], {"x": np.arange(600)}, None)[0], np.arange(600) * 2)
