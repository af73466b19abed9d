"""The versions of everything that takes part in a proof."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .._version import __version__
from ..converters.parts import parts_of

ALWAYS = ("numpy", "onnx", "onnxruntime")


def versions(model: Any, sample: Any) -> dict[str, str]:
    """Of Python, vajra_onnx, the model's frameworks, the sample's library, numpy, onnx and onnxruntime."""
    return versions_of([*_packages(model), _package(sample)])


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Of Python, vajra_onnx, these packages as far as they are installed, numpy, onnx and onnxruntime."""
    found = {"python": platform.python_version(), "vajra_onnx": __version__}
    for package in dict.fromkeys([*packages, *ALWAYS]):
        number = _version(package)
        if number:
            found[package] = number
    return found


def _packages(model: Any) -> Iterator[str]:
    """The top-level packages of the types of a model and of its parts, and of what these types are made of: a network of the
    user's own class is Keras' or torch's."""
    for part in parts_of(model):
        for kind in type(part).__mro__:
            if (package := kind.__module__.partition(".")[0]) not in ("builtins", "numpy", "__main__"):
                yield package
            if package == "keras":  # and what it computes with
                yield sys.modules[package].config.backend()


def _package(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def _version(package: str) -> str | None:
    module = sys.modules.get(package)
    number = getattr(module, "__version__", None)
    if isinstance(number, str):
        return number
    try:
        return version(package)
    except PackageNotFoundError:
        return None
