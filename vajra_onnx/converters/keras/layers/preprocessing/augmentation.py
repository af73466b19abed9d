"""keras.layers.preprocessing.image_preprocessing: what is random happens in training alone.
Source: `keras.src.layers.preprocessing.image_preprocessing`."""

from __future__ import annotations

from .....errors import UnsupportedError
from ...emit import emits
from ...layer import Layer
from ...tensor import Tensor
from ...values import floats


@emits(
    "AugMix", "CutMix", "RandAugment", "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur",
    "RandomPerspective", "RandomRotation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom", "Solarization",
)  # fmt: skip
def in_floats(layer: Layer, data: Tensor) -> Tensor:
    """The images themselves, in the layer's own type."""
    layer.ignore(*layer.config)
    return floats(layer, data)


@emits(
    "Equalization", "MixUp", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
    "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPosterization", "RandomSaturation",
)  # fmt: skip
def untouched(layer: Layer, data: Tensor) -> Tensor:
    """The images themselves, integers as integers."""
    layer.ignore(*layer.config)
    return data


@emits("RandomCrop", converts=False, rounds=False)
def uncropped(layer: Layer, data: Tensor) -> Tensor:
    """The images themselves, in their own type; Keras crops nothing at inference, whatever it says of the shape."""
    return untouched(layer, data)


@emits("MaxNumBoundingBoxes")
def boxes(layer: Layer, data: Tensor) -> Tensor:
    """Images alone pass. Raises UnsupportedError for images with boxes."""
    if not isinstance(data, Tensor):
        raise UnsupportedError("MaxNumBoundingBoxes of images with boxes", expected="images alone", got=type(data).__name__)
    return untouched(layer, data)
