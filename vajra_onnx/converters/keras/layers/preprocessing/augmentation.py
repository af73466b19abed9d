"""keras.layers.preprocessing.image_preprocessing: what is random happens in training alone.
Source: `keras.src.layers.preprocessing.image_preprocessing`."""

from __future__ import annotations

from .....errors import UnsupportedError
from ...emit import emits
from ...layer import Layer
from ...tensor import Tensor
from ...values import floats


@emits(
    "AugMix", "CutMix", "MixUp", "RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter",
    "RandomContrast", "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale",
    "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation",
    "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom", "Solarization",
)  # fmt: skip
def identity(layer: Layer, data: Tensor) -> Tensor:
    """The images themselves."""
    layer.ignore(*layer.config)
    return floats(layer, data)


@emits("Equalization", "RandomCrop")
def untouched(layer: Layer, data: Tensor) -> Tensor:
    """The images themselves, integers as integers; Keras crops nothing at inference, whatever it says of the shape."""
    layer.ignore(*layer.config)
    if layer.class_name == "RandomCrop" and layer.half is not None:
        raise UnsupportedError("RandomCrop in half precision, which it leaves out")
    return floats(layer, data) if data.dtype.kind == "f" else data


@emits("MaxNumBoundingBoxes")
def boxes(layer: Layer, data: Tensor) -> Tensor:
    """Images alone pass. Raises UnsupportedError for images with boxes."""
    if not isinstance(data, Tensor):
        raise UnsupportedError("MaxNumBoundingBoxes of images with boxes", expected="images alone", got=type(data).__name__)
    return untouched(layer, data)
