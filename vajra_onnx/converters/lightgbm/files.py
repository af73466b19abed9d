"""LightGBM's own files, `.txt`: data, no code, so they are opened without being trusted."""

from __future__ import annotations

import os
from pathlib import Path

import lightgbm

from ...errors import ArtifactError
from .model import parse


def load(path: str | os.PathLike[str]) -> lightgbm.Booster:
    """The Booster in the file, of this or an older version of LightGBM.

    What is damaged is found here, before LightGBM follows it into memory that is not its own. An estimator that is saved so
    leaves its Booster only: class labels are not in the file. Raises ArtifactError for a file that is no model.
    """
    place = os.fspath(path)
    try:
        text = Path(path).read_text("utf-8")
        parse(text, sparse=False)
        return lightgbm.Booster(model_str=_without_sizes(text))
    except UnicodeDecodeError:
        raise ArtifactError("not a model of LightGBM", expected="text", got="other bytes", where=place) from None
    except ArtifactError as error:
        raise ArtifactError(str(error), where=place) from None
    except lightgbm.basic.LightGBMError as error:
        raise ArtifactError(f"not a model of LightGBM: {str(error).strip().splitlines()[0]}", where=place) from None


def _without_sizes(text: str) -> str:
    """Without the places of the trees, LightGBM reads one after another, wherever the file's line ends have moved them."""
    header, found, rest = text.replace("\r\n", "\n").partition("\nTree=")
    kept = [line for line in header.split("\n") if not line.startswith("tree_sizes=")]
    return "\n".join(kept) + found + rest
