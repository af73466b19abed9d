"""Rows of Python dicts whose keys come and go: what DictVectorizer and FeatureHasher are fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np

Row = dict[str, Any]
TEXTS = ["Łódź", "Paris", "", "\ufdd0nan", "nan", "None", "a=b", "企鵝 🐧", "nul\0"]


def ragged(count: int = 60) -> list[Row]:
    """Rows of text, floats, integers and booleans, a fifth of the values absent, in changing order of the keys."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for i in range(count):
        row: Row = {
            "temp": float(rng.normal()), "n": int(rng.integers(0, 4)), "ok": bool(i % 2), "city": str(rng.choice(TEXTS)),
            "kind": str(rng.choice(["a", "b"])),
        }  # fmt: skip
        keys = rng.permutation([key for key in row if rng.random() > 0.2])
        rows.append({str(key): row[str(key)] for key in keys})
    return rows


ROWS = ragged()
CLASSES = np.arange(len(ROWS)) % 3
# Whatever may come at run time and was not there at the fit.
OTHERS: list[Row] = [
    {},
    {"temp": 0.0},
    {"temp": -0.0, "city": "unseen", "n": 2**53 + 1},
    {"temp": float("nan"), "city": None, "kind": float("nan")},
    {"temp": float("inf"), "n": -5, "ok": False, "kind": "A"},
    {"city": "\ufdd0", "kind": "\ufdd0\ufdd0nan"},
    {"city": "\ufdd0absent", "kind": ""},
    {"temp": None, "ok": True},
]
