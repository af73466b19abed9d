"""Cases of parameters that change the answer of layers which have cases elsewhere: the order of axes, sizes that are not fixed,
what is left out, types of inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keras import layers as L  # noqa: N812

from keras_cases.calls import called

SPACES = {1: (9, 4), 2: (9, 8, 4), 3: (5, 6, 7, 4)}
FIRST = {rank: (shape[-1], *shape[:-1]) for rank, shape in SPACES.items()}
CHANNELS_FIRST = {"data_format": "channels_first"}


def open_sizes(shape: tuple[int, ...]) -> dict[str, Any]:
    """Inputs of which only the number of channels is fixed."""
    return {"shape": (*[None] * (len(shape) - 1), shape[-1]), "size": shape}


def windows() -> Iterator[Any]:
    """Convolutions and pooling. The widths of `first` are never the number of filters: TensorFlow adds a bias to the wrong axis
    then (`keras.src.backend.tensorflow.numpy.add`), when it is called without `predict`."""
    first = CHANNELS_FIRST
    for rank, shape in SPACES.items():
        conv, turned = getattr(L, f"Conv{rank}D"), getattr(L, f"Conv{rank}DTranspose")
        yield f"conv{rank}-first", lambda c=conv: c(10, 3, **first), FIRST[rank]
        yield f"conv{rank}-first-strides", lambda c=conv: c(10, 3, strides=2, padding="same", **first), FIRST[rank]
        yield f"conv{rank}-first-groups", lambda c=conv: c(10, 2, groups=2, activation="relu", **first), FIRST[rank]
        yield f"conv{rank}-groups-strides", lambda c=conv: c(6, 3, groups=2, strides=2, padding="same"), shape
        yield f"conv{rank}-open", lambda c=conv: c(6, 3, strides=2, padding="same"), open_sizes(shape)
        yield f"conv{rank}-open-dilated", lambda c=conv: c(6, 2, dilation_rate=2, padding="same"), open_sizes(shape)
        yield f"transpose{rank}-first", lambda c=turned: c(10, 3, strides=2, padding="same", **first), FIRST[rank]
        yield f"transpose{rank}-bare", lambda c=turned: c(6, 3, use_bias=False, activation="relu"), shape
        yield f"transpose{rank}-open", lambda c=turned: c(6, 3, strides=2, padding="same"), open_sizes(shape)
        for padding in ("valid", "same"):
            yield f"transpose{rank}-{padding}-dilated", lambda c=turned, p=padding: c(6, 2, dilation_rate=2, padding=p), shape
            for more in (0, 1):
                make = lambda c=turned, p=padding, n=more: c(6, 3, strides=2, padding=p, output_padding=n)  # noqa: E731
                yield f"transpose{rank}-{padding}-output-{more}", make, shape
        for kind in ("Max", "Average"):
            pool, overall, adaptive = (getattr(L, f"{w}{kind}Pooling{rank}D") for w in ("", "Global", "Adaptive"))
            yield f"{kind}{rank}-first", lambda c=pool: c(3, strides=2, padding="same", **first), FIRST[rank]
            yield f"{kind}{rank}-open", lambda c=pool: c(3, strides=2, padding="same"), open_sizes(shape)
            yield f"{kind}{rank}-overlapping", lambda c=pool: c(3, strides=1, padding="same"), shape
            yield f"global-{kind}{rank}-first", lambda c=overall: c(**first), FIRST[rank]
            yield f"global-{kind}{rank}-first-keepdims", lambda c=overall: c(keepdims=True, **first), FIRST[rank]
            yield f"global-{kind}{rank}-open", lambda c=overall: c(), open_sizes(shape)
            yield f"adaptive-{kind}{rank}-first", lambda c=adaptive: c(3, **first), FIRST[rank]
    yield "conv2-uneven", lambda: L.Conv2D(6, (3, 2), strides=(2, 1), padding="same"), SPACES[2]
    yield "conv2-uneven-dilated", lambda: L.Conv2D(6, (3, 2), dilation_rate=(1, 2)), SPACES[2]
    yield "transpose2-uneven", lambda: L.Conv2DTranspose(6, (3, 2), strides=(2, 1), padding="same"), SPACES[2]
    yield "conv1-causal-strides", lambda: L.Conv1D(6, 3, strides=2, padding="causal"), SPACES[1]
    yield "conv1-causal-groups", lambda: L.Conv1D(6, 3, groups=2, padding="causal"), SPACES[1]
    yield "conv1-causal-open", lambda: L.Conv1D(6, 3, padding="causal", dilation_rate=2), open_sizes(SPACES[1])
    yield from _depthwise()
    for kind in ("Max", "Average"):
        yield f"{kind}2-uneven", lambda k=kind: getattr(L, f"{k}Pooling2D")((2, 3), strides=(1, 2), padding="same"), SPACES[2]
        yield f"adaptive-{kind}3-uneven", lambda k=kind: getattr(L, f"Adaptive{k}Pooling3D")((2, 3, 7)), SPACES[3]


def _depthwise() -> Iterator[Any]:
    bare: dict[str, Any] = {"activation": "relu", "use_bias": False}
    for rank in (1, 2):
        deep, apart = getattr(L, f"DepthwiseConv{rank}D"), getattr(L, f"SeparableConv{rank}D")
        for padding in ("valid", "same"):
            yield f"depthwise{rank}-{padding}-strides", lambda c=deep, p=padding: c(3, strides=2, padding=p, **bare), SPACES[rank]
            yield f"depthwise{rank}-{padding}-dilated", lambda c=deep, p=padding: c(2, dilation_rate=2, padding=p), SPACES[rank]
            yield f"separable{rank}-{padding}-strides", lambda c=apart, p=padding: c(6, 3, strides=2, padding=p), SPACES[rank]
            make = lambda c=apart, p=padding: c(6, 3, dilation_rate=2, padding=p, **bare)  # noqa: E731
            yield f"separable{rank}-{padding}-dilated", make, SPACES[rank]
        yield f"depthwise{rank}-first", lambda c=deep: c(3, depth_multiplier=3, **CHANNELS_FIRST), FIRST[rank]
        yield f"separable{rank}-first", lambda c=apart: c(10, 3, **CHANNELS_FIRST), FIRST[rank]


def shapes() -> Iterator[Any]:
    """Reshaping and merging."""
    first, image = CHANNELS_FIRST, open_sizes((5, 6, 3))
    yield "pad1-first", lambda: L.ZeroPadding1D(2, **first), FIRST[1]
    yield "pad2-first", lambda: L.ZeroPadding2D(((1, 2), (0, 3)), **first), FIRST[2]
    yield "pad3-first", lambda: L.ZeroPadding3D(((1, 2), (0, 3), (2, 0)), **first), FIRST[3]
    yield "crop2-first", lambda: L.Cropping2D(((1, 2), (0, 3)), **first), FIRST[2]
    yield "crop3-first", lambda: L.Cropping3D(((1, 2), (0, 3), (2, 0)), **first), FIRST[3]
    yield "up2-first", lambda: L.UpSampling2D((2, 3), **first), FIRST[2]
    yield "up3-first", lambda: L.UpSampling3D((2, 1, 3), **first), FIRST[3]
    for method in ("bilinear", "bicubic", "lanczos3", "lanczos5"):
        yield f"up2-{method}", lambda m=method: L.UpSampling2D((2, 3), interpolation=m), SPACES[2]
        yield f"up2-{method}-first", lambda m=method: L.UpSampling2D((2, 3), interpolation=m, **first), FIRST[2]
    for name, make in {
        "up2": lambda: L.UpSampling2D(2),
        "up2-bilinear": lambda: L.UpSampling2D(2, interpolation="bilinear"),
        "pad2": lambda: L.ZeroPadding2D(2),
        "crop2": lambda: L.Cropping2D(1),
    }.items():
        yield f"{name}-open", make, image
    yield "crop1-end", lambda: L.Cropping1D((0, 2)), (5, 2)
    yield "flatten-scalar", lambda: L.Flatten(), ()
    yield "flatten-open", lambda: L.Flatten(), open_sizes((4, 3))
    yield "reshape-open", lambda: L.Reshape((-1, 2, 3)), open_sizes((4, 6))
    yield "permute-open", lambda: L.Permute((2, 1)), open_sizes((4, 6))
    yield from _products()
    yield "concatenate-second", lambda: L.Concatenate(axis=-2), (4, 3), (2, 3)
    yield "average-three", lambda: L.Average(), (3,), (3,), (3,)
    yield "maximum-broadcast", lambda: L.Maximum(), (4, 3), (1, 3)
    yield "subtract-ranks", lambda: L.Subtract(), (5, 4, 3), (3,)


def _products() -> Iterator[Any]:
    yield "dot-normalized", lambda: L.Dot(1, normalize=True), (4,), (4,)
    yield "dot-matrices-normalized", lambda: L.Dot((2, 1), normalize=True), (4, 3), (3, 5)
    yield "dot-matrix-vector", lambda: L.Dot((2, 1)), (4, 3), (3,)
    yield "dot-vector-matrix", lambda: L.Dot((1, 2)), (3,), (4, 3)
    yield "dot-many", lambda: L.Dot((3, 1)), (2, 4, 3), (3, 5)
    yield "dot-many-both", lambda: L.Dot((2, 3)), (2, 4, 3), (3, 5, 4)
    yield "dot-open", lambda: L.Dot((2, 2)), open_sizes((6, 4)), open_sizes((7, 4))


def weights() -> Iterator[Any]:
    """Products, embeddings, normalization."""
    yield "dense-lora", lambda: L.Dense(5, lora_rank=2, lora_alpha=6), (4,)
    yield "einsum-lora", lambda: L.EinsumDense("abc,cd->abd", output_shape=(None, 8), lora_rank=2), (6, 4)
    yield "embedding-lora", lambda: L.Embedding(10, 4, lora_rank=2), {"ids": 10, "shape": (5,)}
    yield "einsum-relu", lambda: L.EinsumDense("ab,bc->ac", output_shape=8, activation="relu"), (4,)
    yield "einsum-rest", lambda: L.EinsumDense("...x,xy->...y", output_shape=8, bias_axes="y"), (3, 6, 4)
    yield "einsum-bias", lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="e"), (6, 4)
    yield "einsum-two", lambda: L.EinsumDense("abcd,cde->abe", output_shape=(None, 5), bias_axes="e"), (6, 2, 3)
    yield "einsum-turned", lambda: L.EinsumDense("abc,cd->adb", output_shape=(8, None), bias_axes="d"), (6, 4)
    yield "embedding-matrix", lambda: L.Embedding(10, 4), {"ids": 10, "shape": (5, 3)}
    for dtype in ("float32", "int64", "uint8"):
        yield f"embedding-{dtype}", lambda: L.Embedding(10, 4), {"ids": 10, "shape": (5,), "dtype": dtype}
    yield "reversed-float32", lambda: called(L.ReversibleEmbedding(10, 4, reverse_dtype="float32"), reverse=True), (5, 4)
    yield "prelu-first", lambda: L.PReLU(alpha_initializer="uniform", shared_axes=[1]), (4, 3)
    yield "relu-both", lambda: L.ReLU(max_value=2.0, negative_slope=0.1), (4,)
    yield "batch-renorm", lambda: L.BatchNormalization(renorm=True), (4,)
    yield "batch-middle", lambda: L.BatchNormalization(axis=2), (4, 6, 5, 3)
    for name, axis in {"second": -2, "all": [1, 2, 3], "others": [1, 3]}.items():
        yield f"layer-{name}", lambda a=axis: L.LayerNormalization(axis=a), (3, 6, 4)
    yield "layer-scale", lambda: L.LayerNormalization(center=False, epsilon=0.1), (6, 4)
    yield "layer-center", lambda: L.LayerNormalization(scale=False), (6, 4)
    yield "group-bare", lambda: L.GroupNormalization(2, center=False, scale=False, epsilon=0.1), (5, 4)
    yield "group-middle", lambda: L.GroupNormalization(2, axis=2), (5, 4, 3)
    yield "group-flat", lambda: L.GroupNormalization(2), (4,)
    yield "group-open", lambda: L.GroupNormalization(2), open_sizes((3, 5, 4))
    yield "unit-first", lambda: L.UnitNormalization(axis=1), (6, 4)
    yield "rms-axes", lambda: L.RMSNormalization(axis=[1, 2], epsilon=0.1), (6, 4)
    yield "spectral-transposed", lambda: L.SpectralNormalization(L.Conv2DTranspose(3, 2)), (5, 6, 4)
    yield "numbers-first", lambda: L.Normalization(axis=1, mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 4.0]), (3, 5)
    pairs = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    yield "numbers-axes", lambda: L.Normalization(axis=(1, 2), mean=pairs, variance=pairs), (3, 2)
    yield "numbers-constant", lambda: L.Normalization(axis=None, mean=1.0, variance=0.0), (3,)
    yield "numbers-int", lambda: L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 4.0]), {"ids": 9, "shape": (3,)}


def pictures() -> Iterator[Any]:
    """Resizing and cropping with channels first, to one pixel, of whole numbers."""
    image, first = (9, 8, 3), (3, 9, 8)
    for method in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"):
        yield f"{method}-first", lambda m=method: L.Resizing(5, 12, interpolation=m, **CHANNELS_FIRST), first
        yield f"{method}-antialias", lambda m=method: L.Resizing(13, 4, interpolation=m, antialias=True), image
        yield f"{method}-one", lambda m=method: L.Resizing(1, 1, interpolation=m), image
    for flag in ("crop_to_aspect_ratio", "pad_to_aspect_ratio"):
        for size in ((4, 10), (20, 30)):
            make = lambda f=flag, s=size: L.Resizing(*s, **{f: True}, **CHANNELS_FIRST)  # noqa: E731
            yield f"{flag}-{size}-first", make, first
            yield f"{flag}-{size}", lambda f=flag, s=size: L.Resizing(*s, interpolation="bicubic", **{f: True}), image
    yield "center-larger-first", lambda: L.CenterCrop(20, 10, **CHANNELS_FIRST), first
    yield "center-mixed", lambda: L.CenterCrop(5, 10), image
    for name in ("RandomFlip", "RandomErasing", "RandomGrayscale"):
        yield f"{name}-first", lambda n=name: getattr(L, n)(**CHANNELS_FIRST), first
    yield "AutoContrast-unit", lambda: L.AutoContrast(value_range=(0, 1)), image
