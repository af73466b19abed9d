"""Cases of images and sounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from keras import layers as L  # noqa: N812


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
        yield f"Equalization-{name}", lambda: L.Equalization(), pixels
        yield f"AutoContrast-{name}", lambda: L.AutoContrast(), pixels
    yield "Equalization-inside", lambda: L.Pipeline([L.Equalization(), L.Rescaling(0.5)]), images
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
    yield "pipeline", lambda: L.Pipeline([L.RandomFlip(), L.Rescaling(0.5), L.CenterCrop(5, 6), L.Resizing(4, 4)]), image
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


def histograms() -> Iterator[Any]:
    """ContrastLimitedAdaptiveHistogramEqualization: every grid, limit and range; sizes that the grid divides, and others."""
    odd, unit = bright((9, 10, 3)), {"value_range": (0.0, 1.0)}
    grids = {"one": (1, 1), "two": (2, 3), "wide": (1, 10), "eight": (8, 8)}
    for name, grid in grids.items():
        yield f"grid-{name}", lambda g=grid: clahe(tile_grid_size=g), bright((16, 16, 2))
        yield f"odd-{name}", lambda g=grid: clahe(tile_grid_size=g), odd
        yield f"unit-{name}", lambda g=grid: clahe(tile_grid_size=g, **unit), (9, 10, 3)
    for limit in (0.0, 0.3, 2.7, 40.0):
        yield f"limit-{limit}", lambda n=limit: clahe(clip_limit=n, tile_grid_size=(2, 2)), bright((16, 16, 3))
        yield f"limit-{limit}-odd", lambda n=limit: clahe(clip_limit=n, tile_grid_size=(2, 3), value_range=(-1, 1)), (9, 10, 3)
    yield "first", lambda: clahe(data_format="channels_first", tile_grid_size=(2, 3)), bright((3, 9, 10))
    yield "grey", lambda: clahe(tile_grid_size=(2, 2)), bright((8, 8, 1))
    for dtype in ("uint8", "int32", "int64", "float64"):
        pixels = {"ids": 256, "shape": (16, 16, 3), "dtype": dtype}
        yield f"pixels-{dtype}", lambda: clahe(tile_grid_size=(2, 2)), pixels
        yield f"pixels-{dtype}-range", lambda: clahe(tile_grid_size=(2, 2), value_range=(0, 200)), pixels
        yield f"pixels-{dtype}-limit", lambda: clahe(tile_grid_size=(2, 2), clip_limit=2.7), pixels
        yield f"pixels-{dtype}-none", lambda: clahe(tile_grid_size=(2, 3), clip_limit=0.0), pixels


def clahe(**options: Any) -> Any:
    """A layer with a name that fits a line."""
    return L.ContrastLimitedAdaptiveHistogramEqualization(**options)


def bright(shape: tuple[int, ...]) -> dict[str, Any]:
    """Images whose numbers are 0 to 255, as floats."""
    return {"ids": 256, "shape": shape, "dtype": "float32"}


def sound() -> Iterator[Any]:
    """The spectrograms of keras.layers.preprocessing."""
    signal = (100, 2)
    for mode in ("log", "magnitude", "psd", "real", "imag", "stft", "angle"):
        yield f"stft-{mode}", lambda m=mode: L.STFTSpectrogram(m, 32), signal
    for padding in ("valid", "same"):
        yield f"stft-{padding}", lambda p=padding: L.STFTSpectrogram("psd", 20, 7, 32, "hamming", padding=p), signal
        yield f"stft-{padding}-wide", lambda p=padding: L.STFTSpectrogram(frame_length=16, expand_dims=True, padding=p), signal
    for window in ("hann", "hamming", None):
        yield f"mel-{window}", lambda w=window: mel(window=w), (300,)
    for mode in ("log", "magnitude", "psd", "real", "imag", "stft"):
        yield f"stft-{mode}-first", lambda m=mode: L.STFTSpectrogram(m, 32, data_format="channels_first"), (2, 100)
        yield f"stft-{mode}-bare", lambda m=mode: L.STFTSpectrogram(m, 32, scaling=None, window=None), signal
        yield f"stft-{mode}-spectrum", lambda m=mode: L.STFTSpectrogram(m, 32, scaling="spectrum", periodic=True), signal
    yield "stft-open", lambda: L.STFTSpectrogram("magnitude", 16, 8), {"shape": (None, 1), "size": (100, 1)}
    yield "stft-first-wide", lambda: L.STFTSpectrogram("psd", 16, data_format="channels_first", expand_dims=True), (2, 100)
    for exponent in (1.0, 3.0):
        yield f"mel-exponent-{exponent}", lambda e=exponent: mel(mag_exp=e), (300,)
    yield "mel-open", lambda: mel(), {"shape": (None,), "size": (300,)}
    yield "mel-decibels", lambda: mel(power_to_db=True), (300,)
    yield "mel-short", lambda: mel(sequence_length=40, mag_exp=1.0, min_freq=50.0, max_freq=3000.0), (300,)
    yield "mel-other", lambda: mel(fft_length=48, sampling_rate=8000), (300,)


def mel(**options: Any) -> Any:
    """A small MelSpectrogram."""
    settings = {"fft_length": 64, "sequence_stride": 20, "num_mel_bins": 8, "power_to_db": False}
    return L.MelSpectrogram(**(settings | options))
