"""keras.layers.preprocessing.image_preprocessing: what is random happens in training alone.
Source: `keras.src.layers.preprocessing.image_preprocessing`."""

from __future__ import annotations

from ...emit import emits
from ...layer import Layer
from ...tensor import Tensor
from ...values import floats


@emits(
    "AugMix", "CutMix", "MixUp", "RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter",
    "RandomContrast", "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale",
    "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation",
    "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom",
)  # fmt: skip
def identity(layer: Layer, data: Tensor) -> Tensor:
    """The images themselves."""
    layer.ignore(*layer.config)
    return floats(layer, data)
