"""Cases of dense layers, embeddings, activations and everything that only moves or joins numbers."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from typing import Any

import keras
from keras import layers as L  # noqa: N812
from keras.src.applications import convnext

from keras_cases.calls import called

FUNCTIONS = (  # keras.activations; threshold needs more than a tensor
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "linear",
    "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
    "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink",
)  # fmt: skip


def core() -> Iterator[Any]:
    """keras.layers.core."""
    yield "dense", lambda: L.Dense(5), (4,)
    yield "dense-relu", lambda: L.Dense(5, activation="relu"), (4,)
    yield "dense-no-bias", lambda: L.Dense(5, use_bias=False), (4,)
    yield "dense-softmax", lambda: L.Dense(5, activation="softmax"), (4,)
    yield "dense-3d", lambda: L.Dense(5, activation="gelu"), (6, 4)
    yield "dense-int", lambda: L.Dense(5), {"ids": 9, "shape": (4,)}
    yield "dense-activation-layer", lambda: L.Dense(5, activation=L.LeakyReLU(negative_slope=0.1)), (4,)
    yield "einsum", lambda: L.EinsumDense("abc,cd->abd", output_shape=(None, 8), bias_axes="d"), (6, 4)
    yield "einsum-heads", lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"), (6, 4)
    yield "embedding", lambda: L.Embedding(10, 4), {"ids": 10, "shape": (5,)}
    yield "embedding-scalar", lambda: L.Embedding(10, 4), {"ids": 10, "shape": (1,)}
    yield "identity", lambda: L.Identity(), (4,)
    yield "masking", lambda: L.Masking(0.0), (5, 3)
    yield "reversible", lambda: L.ReversibleEmbedding(10, 4), {"ids": 10, "shape": (5,)}
    for tied in (True, False):
        yield f"reversed-{tied}", lambda t=tied: called(L.ReversibleEmbedding(10, 4, tie_weights=t), reverse=True), (5, 4)
    yield "lambda", lambda: L.Lambda(lambda x: keras.ops.tanh(x) * 2), (4,)
    for name, options in {"scale": {"init_values": 0.5, "projection_dim": 4}, "depth": {"drop_path_rate": 0.5}}.items():
        kind = {"scale": convnext.LayerScale, "depth": convnext.StochasticDepth}[name]
        yield f"convnext-{name}", lambda k=kind, o=options: k(**o), (5, 5, 4)
    yield "TFSMLayer", lambda: saved_module(), (4,)
    yield "JaxLayer", lambda: L.JaxLayer(lambda params, inputs: inputs * 2, params={}), (4,)
    yield "FlaxLayer", lambda: flax(), (4,)
    yield "TorchModuleWrapper", lambda: torch_module(), (4,)
    yield "reversed-cap", lambda: called(L.ReversibleEmbedding(10, 4, logit_soft_cap=2.0), reverse=True), (5, 4)


def torch_module() -> Any:
    """A layer of torch's own."""
    import torch

    return L.TorchModuleWrapper(torch.nn.Linear(4, 3), output_shape=(None, 3))


def saved_module() -> Any:
    """A SavedModel of TensorFlow's."""
    if keras.config.backend() != "tensorflow":
        return L.TFSMLayer("nowhere")
    folder = tempfile.mkdtemp(prefix="vajra-")
    keras.Sequential([keras.Input((4,)), L.Dense(3)]).export(folder, verbose=False)
    layer = L.TFSMLayer(folder, call_endpoint="serve")
    weakref.finalize(layer, shutil.rmtree, folder)
    return layer


def flax() -> Any:
    """A layer of Flax."""
    import flax.linen

    return L.FlaxLayer(flax.linen.Dense(3))


def activations() -> Iterator[Any]:
    """keras.layers.activations, and every name of keras.activations."""
    for name in FUNCTIONS:
        yield name, lambda name=name: L.Activation(name), (6, 4)
    yield "relu-all", lambda: L.ReLU(max_value=1.5, negative_slope=0.2, threshold=0.3), (4,)
    yield "relu-6", lambda: L.ReLU(6.0), (4,)
    yield "relu-slope", lambda: L.ReLU(negative_slope=0.2), (4,)
    yield "relu-threshold", lambda: L.ReLU(threshold=0.5), (4,)
    yield "leaky", lambda: L.LeakyReLU(negative_slope=0.2), (4,)
    yield "elu-alpha", lambda: L.ELU(alpha=0.7), (4,)
    yield "prelu", lambda: L.PReLU(alpha_initializer="uniform"), (4, 3)
    yield "prelu-shared", lambda: L.PReLU(alpha_initializer="uniform", shared_axes=[1, 2]), (4, 3, 2)
    yield "softmax-axis", lambda: L.Softmax(axis=1), (4, 3)
    yield "softmax-axes", lambda: L.Softmax(axis=[1, 2]), (4, 3)


def reshaping() -> Iterator[Any]:
    """keras.layers.reshaping."""
    yield "flatten", lambda: L.Flatten(), (3, 4, 2)
    yield "flatten-matrix", lambda: L.Flatten(), (3,)
    yield "flatten-first", lambda: L.Flatten(data_format="channels_first"), (3, 4, 2)
    yield "reshape", lambda: L.Reshape((4, 6)), (3, 4, 2)
    yield "reshape-rest", lambda: L.Reshape((-1, 4)), (3, 4, 2)
    yield "permute", lambda: L.Permute((3, 1, 2)), (3, 4, 2)
    yield "repeat", lambda: L.RepeatVector(3), (4,)
    yield "pad1", lambda: L.ZeroPadding1D((1, 2)), (5, 4)
    yield "pad2", lambda: L.ZeroPadding2D(((1, 2), (0, 3))), (5, 6, 4)
    yield "pad2-one", lambda: L.ZeroPadding2D(2), (5, 6, 4)
    yield "pad3", lambda: L.ZeroPadding3D((1, 2, 3)), (5, 6, 4, 2)
    yield "crop1", lambda: L.Cropping1D((1, 2)), (5, 4)
    yield "crop2", lambda: L.Cropping2D(((1, 2), (0, 3))), (5, 6, 4)
    yield "crop3", lambda: L.Cropping3D((1, 2, 1)), (5, 6, 4, 2)
    yield "up1", lambda: L.UpSampling1D(3), (5, 4)
    yield "up2", lambda: L.UpSampling2D((2, 3)), (5, 6, 4)
    yield "up2-bilinear", lambda: L.UpSampling2D((2, 3), interpolation="bilinear"), (5, 6, 4)
    yield "up3", lambda: L.UpSampling3D(2), (3, 2, 4, 2)


def merging() -> Iterator[Any]:
    """keras.layers.merging."""
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        yield name, lambda name=name: getattr(L, name)(), (4, 3), (4, 3)
    yield "add-three", lambda: L.Add(), (4, 3), (4, 3), (4, 3)
    yield "add-broadcast", lambda: L.Add(), (4, 3), (1, 3)
    yield "multiply-ranks", lambda: L.Multiply(), (5, 4, 3), (3,)
    yield "dot", lambda: L.Dot(1), (4,), (4,)
    yield "dot-matrices", lambda: L.Dot((2, 1)), (4, 3), (3, 5)
    yield "dot-matrices-last", lambda: L.Dot(-1), (4, 3), (5, 3)
    yield "dot-matrices-first", lambda: L.Dot((1, 1)), (4, 3), (4, 5)
    yield "concatenate", lambda: L.Concatenate(), (4, 3), (4, 2)
    yield "concatenate-axis", lambda: L.Concatenate(axis=1), (4, 3), (2, 3)


def regularization() -> Iterator[Any]:
    """keras.layers.regularization."""
    yield "dropout", lambda: L.Dropout(0.5), (4,)
    yield "alpha", lambda: L.AlphaDropout(0.5), (4,)
    yield "gaussian-dropout", lambda: L.GaussianDropout(0.5), (4,)
    yield "gaussian-noise", lambda: L.GaussianNoise(0.5), (4,)
    yield "activity", lambda: L.ActivityRegularization(0.5), (4,)
    for rank, shape in {1: (5, 4), 2: (5, 4, 3), 3: (3, 5, 4, 3)}.items():
        yield f"spatial{rank}", lambda r=rank: getattr(L, f"SpatialDropout{r}D")(0.5), shape
