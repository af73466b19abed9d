"""Torch modules at the end of a chain, and on their own."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="torch is not installed: make test-torch")
pytest.importorskip("onnxscript", reason="torch's exporter needs onnxscript: make test-torch")

import numpy as np
import torch
from chains import assert_proved, delays, penguins
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from torch import nn

import vajra_onnx as vo

pytestmark = pytest.mark.filterwarnings("ignore")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4)).astype(np.float32)


def trained(net, prepared, target, loss, steps=60):
    """Some steps of training; the module is left in training mode, as people leave it."""
    torch.manual_seed(0)
    dense = prepared.toarray() if hasattr(prepared, "toarray") else prepared
    inputs, wanted = torch.tensor(dense, dtype=torch.float32), torch.tensor(target)
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(net(inputs), wanted).backward()
        optimizer.step()
    return net


def test_penguins_through_a_column_transformer_and_a_module():
    data, species, prepare = penguins()
    prepared = prepare.transform(data)
    layers = [nn.Linear(prepared.shape[1], 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 3)]
    net = trained(nn.Sequential(*layers), prepared, species.astype(np.int64), nn.functional.cross_entropy)
    artifact = assert_proved(vo.chain(("prep", prepare), ("net", nn.Sequential(net, nn.Softmax(1)))), data)
    assert {"sklearn", "torch"} <= set(artifact.certificate.versions)
    assert net.training


def test_flights_through_a_sparse_matrix_and_a_module():
    data, delay, prepare = delays()
    prepared = prepare.transform(data)
    net = nn.Sequential(nn.Linear(prepared.shape[1], 16), nn.GELU(), nn.Linear(16, 1))
    trained(net, prepared, delay.astype(np.float32)[:, None], nn.functional.mse_loss)
    artifact = assert_proved(vo.chain(("prep", prepare), ("net", net)), data)
    assert [column.name for column in artifact.schema.outputs] == ["predict"]


class Several(nn.Module):
    """Two inputs, a dict of two outputs."""

    def __init__(self):
        super().__init__()
        self.table, self.dense = nn.Embedding(10, 3), nn.Linear(4, 3)

    def forward(self, numbers, word):
        mixed = self.dense(numbers) + self.table(word)
        return {"mixed": mixed, "norm": nn.functional.normalize(mixed, dim=1)}


def test_a_module_names_its_inputs_and_outputs():
    torch.manual_seed(0)
    module = Several()
    feeds = {"numbers": X, "word": RNG.integers(0, 10, size=40)}
    artifact = vo.convert(module, feeds)
    assert artifact.certificate.passed
    assert [column.name for column in artifact.schema.inputs] == ["numbers", "word"]
    assert [column.name for column in artifact.schema.outputs] == ["mixed", "norm"]
    with pytest.raises(vo.UnsupportedError, match="missing a required argument: 'word'"):
        vo.convert(vo.chain(("net", module)), X)


def test_a_convolution_from_a_tensor():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.BatchNorm2d(5), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 2)
    )
    artifact = vo.convert(module, torch.randn(12, 3, 8, 8))
    assert artifact.certificate.passed
    assert artifact.schema.inputs[0].shape == (None, 3, 8, 8)
    assert max(entry.version for entry in artifact.model.opset_import if entry.domain == "") == 21


def test_rows_that_depend_on_each_other_fail_the_proof():
    class Centred(nn.Module):
        def forward(self, x):
            return x - x.mean(0)

    with pytest.raises(vo.ParityError):
        vo.convert(Centred(), X)


def test_what_torch_cannot_export_is_refused():
    class Branching(nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(vo.UnsupportedError, match="torch cannot export the module"):
        vo.convert(Branching(), X)
    with pytest.raises(vo.UnsupportedError, match="target opset of a torch module"):
        vo.convert(nn.Linear(4, 2), X, target_opset=17)


def test_a_dict_of_parts_feeds_a_module_with_a_table_of_numbers_and_codes():
    class Embedded(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.dense = nn.Embedding(21, 3), nn.Linear(5, 1)

        def forward(self, numbers, carrier):
            return self.dense(torch.cat([numbers, self.table(carrier[:, 0])], 1))

    data, _, _ = delays()
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=20, dtype=np.int64)
    parts = {
        "numbers": make_column_transformer((numbers, ["distance", "air_time"])).fit(data),
        "carrier": make_column_transformer((codes, ["carrier"])).fit(data),
    }
    torch.manual_seed(0)
    assert_proved(vo.chain(("prep", parts), ("net", Embedded())), data)
