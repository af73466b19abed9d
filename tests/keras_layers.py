"""The layer matrix: a name, what makes the layer, and the shapes of its inputs. A dict shape is what the input holds instead of
normal numbers: {"ids": 7, "shape": (5,)}."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from keras import layers as L  # noqa: N812
from keras_texts import categories, texts

FUNCTIONS = (  # keras.activations; threshold needs more than a tensor
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "linear",
    "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
    "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink",
)  # fmt: skip

Case = tuple[str, Callable[[], Any], list[Any]]


def cases() -> Iterator[Case]:
    """Every case of every part."""
    for part in (
        core, activations, convolutional, pooling, normalization, reshaping, merging, regularization, preprocessing, recurrent,
        attention, augmentation, images, sound, texts, categories,
    ):  # fmt: skip
        for name, make, *shapes in part():
            yield f"{part.__name__}-{name}", make, shapes


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
    yield "reversed-cap", lambda: called(L.ReversibleEmbedding(10, 4, logit_soft_cap=2.0), reverse=True), (5, 4)


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


def convolutional() -> Iterator[Any]:
    """keras.layers.convolutional."""
    spaces = {1: (9, 4), 2: (9, 8, 4), 3: (5, 6, 7, 4)}
    for rank, shape in spaces.items():
        conv, transpose = getattr(L, f"Conv{rank}D"), getattr(L, f"Conv{rank}DTranspose")
        for padding in ("valid", "same"):
            yield f"conv{rank}-{padding}", lambda c=conv, p=padding: c(6, 3, padding=p), shape
            yield f"conv{rank}-{padding}-strides", lambda c=conv, p=padding: c(6, 3, strides=2, padding=p), shape
            yield f"conv{rank}-{padding}-even", lambda c=conv, p=padding: c(6, 2, padding=p, activation="relu"), shape
            yield f"conv{rank}-{padding}-dilated", lambda c=conv, p=padding: c(6, 2, padding=p, dilation_rate=2), shape
            yield f"conv{rank}-{padding}-groups", lambda c=conv, p=padding: c(6, 3, padding=p, groups=2), shape
            yield f"transpose{rank}-{padding}", lambda c=transpose, p=padding: c(6, 3, padding=p), shape
            yield f"transpose{rank}-{padding}-strides", lambda c=transpose, p=padding: c(6, 3, strides=2, padding=p), shape
            yield f"transpose{rank}-{padding}-wide", lambda c=transpose, p=padding: c(6, 2, strides=3, padding=p), shape
            yield f"transpose{rank}-{padding}-even", lambda c=transpose, p=padding: c(6, 4, strides=2, padding=p), shape
    yield "conv1-causal", lambda: L.Conv1D(6, 3, padding="causal"), (9, 4)
    yield "conv1-causal-dilated", lambda: L.Conv1D(6, 3, padding="causal", dilation_rate=2), (9, 4)
    yield "conv2-no-bias", lambda: L.Conv2D(6, (3, 2), strides=(2, 1), use_bias=False), (9, 8, 4)
    yield "conv2-softmax", lambda: L.Conv2D(6, 3, activation="softmax"), (9, 8, 4)
    yield "transpose2-output-padding", lambda: L.Conv2DTranspose(6, 3, strides=2, padding="same", output_padding=1), (5, 6, 4)
    yield "transpose2-output-padding-0", lambda: L.Conv2DTranspose(6, 3, strides=2, padding="same", output_padding=0), (5, 6, 4)
    for padding in ("valid", "same"):
        yield f"depthwise1-{padding}", lambda p=padding: L.DepthwiseConv1D(3, padding=p, depth_multiplier=2), (9, 4)
        yield f"depthwise2-{padding}", lambda p=padding: L.DepthwiseConv2D(3, padding=p, strides=2), (9, 8, 4)
        yield f"depthwise2-{padding}-multiplier", lambda p=padding: L.DepthwiseConv2D(3, padding=p, depth_multiplier=3), (9, 8, 4)
        yield f"separable1-{padding}", lambda p=padding: L.SeparableConv1D(6, 3, padding=p), (9, 4)
        yield f"separable2-{padding}", lambda p=padding: L.SeparableConv2D(6, 3, padding=p, depth_multiplier=2), (9, 8, 4)
    yield "separable2-relu", lambda: L.SeparableConv2D(6, 3, strides=2, activation="relu", use_bias=False), (9, 8, 4)


def pooling() -> Iterator[Any]:
    """keras.layers.pooling."""
    spaces = {1: (9, 4), 2: (9, 8, 4), 3: (5, 6, 7, 4)}
    for rank, shape in spaces.items():
        for kind in ("Max", "Average"):
            pool, overall = getattr(L, f"{kind}Pooling{rank}D"), getattr(L, f"Global{kind}Pooling{rank}D")
            for padding in ("valid", "same"):
                yield f"{kind}{rank}-{padding}", lambda c=pool, p=padding: c(2, padding=p), shape
                yield f"{kind}{rank}-{padding}-strides", lambda c=pool, p=padding: c(3, strides=2, padding=p), shape
            yield f"global-{kind}{rank}", lambda c=overall: c(), shape
            yield f"global-{kind}{rank}-keepdims", lambda c=overall: c(keepdims=True), shape
            adaptive = getattr(L, f"Adaptive{kind}Pooling{rank}D")
            yield f"adaptive-{kind}{rank}", lambda c=adaptive: c(3), shape
            yield f"adaptive-{kind}{rank}-wide", lambda c=adaptive, n=shape[0]: c(n), shape


def normalization() -> Iterator[Any]:
    """keras.layers.normalization, and the numbers of keras.layers.preprocessing."""
    yield "batch", lambda: L.BatchNormalization(), (4,)
    yield "batch-image", lambda: L.BatchNormalization(), (6, 5, 4)
    yield "batch-axis", lambda: L.BatchNormalization(axis=1), (6, 4)
    yield "batch-bare", lambda: L.BatchNormalization(center=False, scale=False, epsilon=0.1), (4,)
    yield "batch-center", lambda: L.BatchNormalization(scale=False), (4,)
    yield "batch-scale", lambda: L.BatchNormalization(center=False), (4,)
    yield "layer", lambda: L.LayerNormalization(), (6, 4)
    yield "layer-axes", lambda: L.LayerNormalization(axis=[1, 2]), (6, 4)
    yield "layer-first", lambda: L.LayerNormalization(axis=1), (6, 4)
    yield "layer-bare", lambda: L.LayerNormalization(center=False, scale=False, epsilon=1e-6), (6, 4)
    yield "group", lambda: L.GroupNormalization(2), (5, 4)
    yield "group-image", lambda: L.GroupNormalization(2), (3, 5, 4)
    yield "group-instance", lambda: L.GroupNormalization(-1), (3, 5, 4)
    yield "group-axis", lambda: L.GroupNormalization(2, axis=1), (4, 5)
    yield "unit", lambda: L.UnitNormalization(), (6, 4)
    yield "unit-axes", lambda: L.UnitNormalization(axis=[1, 2]), (6, 4)
    yield "rms", lambda: L.RMSNormalization(), (6, 4)
    yield "rescaling", lambda: L.Rescaling(1 / 127.5, offset=-1), (6, 5, 3)
    yield "rescaling-vector", lambda: L.Rescaling([0.5, 2.0, 3.0], offset=[0.1, 0.0, 1.0]), (6, 5, 3)
    yield "rescaling-int", lambda: L.Rescaling(1 / 255), {"ids": 256, "shape": (6, 5, 3)}
    yield "numbers", lambda: L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 4.0]), (3,)
    yield "numbers-image", lambda: L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 4.0]), (6, 5, 3)
    yield "numbers-scalar", lambda: L.Normalization(axis=None, mean=1.0, variance=4.0), (6, 3)
    yield "numbers-inverted", lambda: L.Normalization(mean=[1.0, 2.0, 3.0], variance=[0.5, 2.0, 4.0], invert=True), (3,)


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
    yield "spatial", lambda: L.SpatialDropout2D(0.5), (5, 4, 3)


WORDS = ["red", "green", "blue", "żółty", "", "RED"]


def preprocessing() -> Iterator[Any]:
    """keras.layers.preprocessing."""
    words, word = {"words": WORDS, "shape": (4,)}, {"words": WORDS, "shape": (1,)}
    numbers, number = {"ids": 9, "shape": (4,)}, {"ids": 9, "shape": (1,)}
    known = WORDS[:4]
    for mode in ("int", "one_hot", "multi_hot", "count"):
        yield f"strings-{mode}", lambda m=mode: L.StringLookup(vocabulary=known, output_mode=m), words
        yield f"string-{mode}", lambda m=mode: L.StringLookup(vocabulary=known, output_mode=m), word
        yield f"strings-mask-{mode}", lambda m=mode: L.StringLookup(vocabulary=known, mask_token="", output_mode=m), words
        yield f"integers-{mode}", lambda m=mode: L.IntegerLookup(vocabulary=[2, 3, 5], output_mode=m), numbers
        yield f"integers-mask-{mode}", lambda m=mode: L.IntegerLookup(vocabulary=[2, 3, 5], mask_token=0, output_mode=m), numbers
        yield f"bins-{mode}", lambda m=mode: L.Discretization([-1.0, 0.0, 0.5], output_mode=m), (4,)
        yield f"bin-{mode}", lambda m=mode: L.Discretization([-1.0, 0.0, 0.5], output_mode=m), (1,)
    for mode in ("one_hot", "multi_hot", "count"):
        yield f"categories-{mode}", lambda m=mode: L.CategoryEncoding(9, output_mode=m), numbers
        yield f"category-{mode}", lambda m=mode: L.CategoryEncoding(9, output_mode=m), number
    yield "strings-strict", lambda: L.StringLookup(vocabulary=WORDS, num_oov_indices=0), words
    yield "strings-padded", lambda: L.StringLookup(9, vocabulary=known, output_mode="count", pad_to_max_tokens=True), words
    yield (
        "strings-tf-idf",
        lambda: L.StringLookup(vocabulary=known, output_mode="tf_idf", idf_weights=[0.1, 0.2, 0.3, 0.4]),
        words,
    )
    yield "strings-inverted", lambda: L.StringLookup(vocabulary=known, invert=True), numbers
    yield "integers-buckets", lambda: L.IntegerLookup(vocabulary=[2, 3, 5], num_oov_indices=3), numbers
    yield from _hashes(words, word, numbers, number)
    yield "integers-inverted", lambda: L.IntegerLookup(vocabulary=[2, 3, 5], invert=True), numbers


def _hashes(words: Any, word: Any, numbers: Any, number: Any) -> Iterator[Any]:
    for salt in (None, 7, [3, 2**40]):
        yield f"hash-{salt}", lambda s=salt: L.Hashing(5, salt=s), words
        yield f"hash-integers-{salt}", lambda s=salt: L.Hashing(5, salt=s), numbers
        yield f"strings-buckets-{salt}", lambda s=salt: L.StringLookup(vocabulary=WORDS[:2], num_oov_indices=3, salt=s), words
        yield (
            f"integers-farmhash-{salt}",
            lambda s=salt: L.IntegerLookup(vocabulary=[2, 3], num_oov_indices=4, oov_method="farmhash", salt=s),
            numbers,
        )
    for mode in ("one_hot", "multi_hot", "count"):
        yield f"hashes-{mode}", lambda m=mode: L.Hashing(5, output_mode=m), words
        yield f"hash-{mode}", lambda m=mode: L.Hashing(5, output_mode=m, mask_value=""), word
    yield "hash-mask", lambda: L.Hashing(5, mask_value="red"), words
    yield "hash-mask-integer", lambda: L.Hashing(5, mask_value=3), numbers
    yield "hash-one-bin", lambda: L.Hashing(1, mask_value="red"), words
    yield "hash-floats", lambda: L.Hashing(5), (4,)
    yield "strings-buckets-mask", lambda: L.StringLookup(vocabulary=["red"], num_oov_indices=3, mask_token=""), words
    yield "strings-buckets-count", lambda: L.StringLookup(vocabulary=["red"], num_oov_indices=3, output_mode="count"), words
    for mode in ("int", "one_hot"):
        yield f"crossing-{mode}", lambda m=mode: L.HashedCrossing(7, output_mode=m), word, number
    yield "crossing-strings", lambda: L.HashedCrossing(7), word, word


def recurrent() -> Iterator[Any]:
    """keras.layers.rnn."""
    for name in ("LSTM", "GRU", "SimpleRNN"):
        kind = getattr(L, name)
        yield f"{name}", lambda k=kind: k(5), (6, 3)
        yield f"{name}-sequences", lambda k=kind: k(5, return_sequences=True), (6, 3)
        yield f"{name}-states", lambda k=kind: k(5, return_state=True), (6, 3)
        yield f"{name}-backwards", lambda k=kind: k(5, go_backwards=True, return_sequences=True), (6, 3)
        yield f"{name}-bare", lambda k=kind: k(5, use_bias=False, activation="relu"), (6, 3)
        for mode in ("concat", "sum", "mul", "ave", None):
            yield f"both-{name}-{mode}", lambda k=kind, m=mode: L.Bidirectional(k(5), merge_mode=m), (6, 3)
        yield f"both-{name}-sequences", lambda k=kind: L.Bidirectional(k(5, return_sequences=True)), (6, 3)
    yield "LSTM-hard", lambda: L.LSTM(5, recurrent_activation="hard_sigmoid"), (6, 3)
    yield "GRU-before", lambda: L.GRU(5, reset_after=False), (6, 3)
    for rank, shape in {1: (3, 7, 2), 2: (3, 7, 6, 2), 3: (2, 4, 5, 4, 2)}.items():
        kind = getattr(L, f"ConvLSTM{rank}D")
        yield f"conv{rank}", lambda k=kind: k(3, 3), shape
        yield f"conv{rank}-same", lambda k=kind: k(3, 3, padding="same", strides=2, return_sequences=True), shape
        yield f"conv{rank}-even", lambda k=kind: k(3, 2, padding="same", return_state=True, use_bias=False), shape
        yield f"conv{rank}-dilated", lambda k=kind: k(3, 2, dilation_rate=2, go_backwards=True, return_sequences=True), shape
    yield "conv2-hard", lambda: L.ConvLSTM2D(3, 3, activation="relu", recurrent_activation="hard_sigmoid"), (3, 7, 6, 2)
    yield "time-distributed", lambda: L.TimeDistributed(L.Dense(5, activation="tanh")), (6, 3)
    yield "time-distributed-conv", lambda: L.TimeDistributed(L.Conv2D(4, 3)), (3, 6, 6, 2)


def attention() -> Iterator[Any]:
    """keras.layers.attention."""
    same, other = ((6, 4), (6, 4)), ((6, 4), (7, 4))
    yield "heads", lambda: L.MultiHeadAttention(2, 3), *same
    yield "heads-other-length", lambda: L.MultiHeadAttention(2, 3, value_dim=5), (6, 4), (7, 3)
    yield "heads-key", lambda: L.MultiHeadAttention(2, 3), (6, 4), (7, 3), (7, 2)
    yield "heads-bare", lambda: L.MultiHeadAttention(2, 3, use_bias=False, dropout=0.5, output_shape=5), *same
    yield "heads-gate", lambda: L.MultiHeadAttention(2, 3, use_gate=True), *same
    yield "heads-window", lambda: L.MultiHeadAttention(2, 3, sliding_window=2), *same
    yield "heads-scores", lambda: called(L.MultiHeadAttention(2, 3), return_attention_scores=True, use_causal_mask=True), *same
    for groups in (1, 2, 4):
        yield f"grouped-{groups}", lambda g=groups: L.GroupQueryAttention(3, 4, g), *other
    yield "grouped-key", lambda: L.GroupQueryAttention(3, 4, 2), (6, 4), (7, 4), (7, 3)
    yield "grouped-bare", lambda: L.GroupQueryAttention(3, 4, 2, use_bias=False, dropout=0.5), *same
    yield "grouped-gate-window", lambda: L.GroupQueryAttention(3, 4, 2, use_gate=True, sliding_window=3), *same
    for flag in ("return_attention_scores", "use_causal_mask"):
        yield f"grouped-{flag}", lambda f=flag: called(L.GroupQueryAttention(3, 4, 2), **{f: True}), *other
    for scale in (False, True):
        for mode in ("dot", "concat"):
            yield f"dot-{mode}-{scale}", lambda s=scale, m=mode: listed(L.Attention(s, m, dropout=0.3)), *other
        yield f"additive-{scale}", lambda s=scale: listed(L.AdditiveAttention(s)), *other
    for kind in (L.Attention, L.AdditiveAttention):
        yield f"{kind.__name__}-key", lambda k=kind: listed(k()), (6, 4), (7, 5), (7, 4)
        yield f"{kind.__name__}-scores", lambda k=kind: listed(k(), return_attention_scores=True), *other
        yield f"{kind.__name__}-causal", lambda k=kind: listed(k(), use_causal_mask=True), *other


def called(layer: Any, **options: Any) -> Callable[..., Any]:
    """The layer, called with more than tensors."""
    return lambda *inputs: layer(*inputs, **options)


def listed(layer: Any, **options: Any) -> Callable[..., Any]:
    """The layer, called with a list of all inputs."""
    return lambda *inputs: layer(list(inputs), **options)


def augmentation() -> Iterator[Any]:
    """What keras.layers.preprocessing changes at random, in training alone."""
    images = (8, 8, 3)
    for name in ("RandomBrightness", "RandomContrast", "RandomRotation", "RandomZoom", "RandomHue", "RandomInvert"):
        yield name, lambda name=name: getattr(L, name)(0.5), images
    for name in ("AugMix", "CutMix", "MixUp", "RandAugment", "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomShear"):
        yield name, lambda name=name: getattr(L, name)(), images
    for name in ("RandomColorJitter", "RandomElasticTransform", "RandomGrayscale", "RandomPerspective"):
        yield name, lambda name=name: getattr(L, name)(), images
    yield "RandomTranslation", lambda: L.RandomTranslation(0.1, 0.1), images
    for name in ("RandomColorDegeneration", "RandomSaturation", "RandomSharpness", "RandomPosterization"):
        yield name, lambda name=name: getattr(L, name)(4 if "Post" in name else 0.5), images
    yield "Solarization", lambda: L.Solarization(0.5, 0.5), images
    for name, pixels in {"images": images, "pixels": {"ids": 256, "shape": images}}.items():
        yield f"RandomCrop-{name}", lambda: L.RandomCrop(4, 5), pixels
        yield f"MaxNumBoundingBoxes-{name}", lambda: L.MaxNumBoundingBoxes(3), pixels
        yield f"AutoContrast-{name}", lambda: L.AutoContrast(), pixels
    yield "AutoContrast-range", lambda: L.AutoContrast(value_range=(-1, 1)), images


def images() -> Iterator[Any]:
    """What keras.layers.preprocessing does to images at inference, too."""
    image, pixels = (9, 8, 3), {"ids": 256, "shape": (9, 8, 3), "dtype": "uint8"}
    for method in ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5"):
        for direction, size in {"up": (13, 17), "down": (4, 5), "both": (5, 12)}.items():
            yield f"{method}-{direction}", lambda m=method, s=size: L.Resizing(*s, interpolation=m), image
        yield f"{method}-antialias", lambda m=method: L.Resizing(4, 5, interpolation=m, antialias=True), image
        yield f"{method}-pixels", lambda m=method: L.Resizing(4, 12, interpolation=m), pixels
    for shape in ((4, 10), (10, 4), (3, 3)):
        yield f"crop-{shape}", lambda s=shape: L.Resizing(*s, crop_to_aspect_ratio=True), image
        yield f"pad-{shape}", lambda s=shape: L.Resizing(*s, pad_to_aspect_ratio=True, fill_value=0.5), image
        yield f"center-{shape}", lambda s=shape: L.CenterCrop(*s), image
    yield "same", lambda: L.Resizing(9, 8, interpolation="bicubic"), pixels
    yield "first", lambda: L.Resizing(5, 12, data_format="channels_first"), (3, 9, 8)
    yield "center-first", lambda: L.CenterCrop(5, 6, data_format="channels_first"), (3, 9, 8)
    yield "center-pixels", lambda: L.CenterCrop(5, 6), pixels
    for method in ("bilinear", "nearest"):
        yield (
            f"{method}-any-size",
            lambda m=method: L.Resizing(5, 12, interpolation=m),
            {"shape": (None, None, 3), "size": (9, 8, 3)},
        )


def sound() -> Iterator[Any]:
    """The spectrograms of keras.layers.preprocessing."""
    signal = (100, 2)
    for mode in ("log", "magnitude", "psd", "real", "imag", "stft"):
        yield f"stft-{mode}", lambda m=mode: L.STFTSpectrogram(m, 32), signal
    for padding in ("valid", "same"):
        yield f"stft-{padding}", lambda p=padding: L.STFTSpectrogram("psd", 20, 7, 32, "hamming", padding=p), signal
        yield f"stft-{padding}-wide", lambda p=padding: L.STFTSpectrogram(frame_length=16, expand_dims=True, padding=p), signal
    for window in ("hann", "hamming", None):
        yield f"mel-{window}", lambda w=window: mel(window=w), (300,)
    yield "mel-short", lambda: mel(sequence_length=40, mag_exp=1.0, min_freq=50.0, max_freq=3000.0), (300,)
    yield "mel-other", lambda: mel(fft_length=48, sampling_rate=8000), (300,)


def mel(**options: Any) -> Any:
    """A small MelSpectrogram."""
    settings = {"fft_length": 64, "sequence_stride": 20, "num_mel_bins": 8, "power_to_db": False}
    return L.MelSpectrogram(**(settings | options))
