"""CTRs: statistics of the categories in the training data, looked up by a 64-bit hash of one or several features.

Source: `TStaticCtrProvider::CalcCtrs` and `CalcHashes` in catboost/libs/model, `TModelCtr::Calc`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArtifactError, UnsupportedError

Json = Mapping[str, Any]

# The hash of an empty place in CatBoost's own table.
NOBODY = 2**64 - 1
# The statistics that look at no target.
COUNTS = ("Counter", "FeatureFreq")


@dataclass(frozen=True)
class Projection:
    """What a hash is made of: categories, numbers above a border, categorical features that have a certain hash.

    The features go by CatBoost's own numbers, see `model.Model`. In the order in which they are hashed.
    """

    categories: tuple[int, ...]
    borders: tuple[tuple[int, float], ...]
    hashes: tuple[tuple[int, int], ...]

    @property
    def features(self) -> tuple[int, ...]:
        """The categorical features among them."""
        return (*self.categories, *(feature for feature, _ in self.hashes))


@dataclass(frozen=True)
class Ctr:
    """One statistic: keys int64 [H], the hashes as signed numbers; values float32 [H + 1], the last one for every other hash."""

    projection: Projection
    keys: np.ndarray
    values: np.ndarray


def read_ctrs(ctrs: Sequence[Json], tables: Mapping[str, Json], *, one_target: bool) -> tuple[Ctr, ...]:
    """The statistics, in the order of CatBoost's own. Statistics of one table share its keys.

    one_target: whether all of them are of one and the same target, cut in one way. The JSON has one table for all targets, and it
    is that of the last. Raises UnsupportedError where the others would be needed.
    """
    of_targets = Counter(ctr["identifier"] for ctr in ctrs if ctr["ctr_type"] not in COUNTS)
    if not one_target and max(of_targets.values(), default=0) > 1:
        raise UnsupportedError(
            "categorical features of CatBoost whose statistics are of several targets",
            expected="one target, cut in one way (TargetBorderCount) for all CTRs: CatBoost exports no more",
            got=", ".join(name for name, count in of_targets.items() if count > 1),
            hint="train with a larger one_hot_max_size, or with counts: simple_ctr=['Counter'], combinations_ctr=['Counter']",
        )
    known: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    found = []
    for ctr in ctrs:
        name = ctr["identifier"]
        if name not in tables:
            raise ArtifactError("a model of CatBoost without the table of a CTR", expected=name, got=", ".join(tables))
        if name not in known:
            known[name] = _table(tables[name])
        keys, counts = known[name]
        found.append(Ctr(_projection(ctr["elements"]), keys, _values(ctr, counts, tables[name])))
    return tuple(found)


def _projection(elements: Sequence[Json]) -> Projection:
    return Projection(
        tuple(e["cat_feature_index"] for e in elements if e["combination_element"] == "cat_feature_value"),
        tuple((e["float_feature_index"], e["border"]) for e in elements if e["combination_element"] == "float_feature"),
        tuple((e["cat_feature_index"], e["value"]) for e in elements if e["combination_element"] == "cat_feature_exact_value"),
    )


def _table(table: Json) -> tuple[np.ndarray, np.ndarray]:
    """The keys int64 [H], and the numbers that stand behind each, [H, stride - 1]: counts, or a sum and a count."""
    stride, entries = table["hash_stride"], table["hash_map"]
    hashes = np.array(entries[::stride], np.uint64)
    counts = np.array([entries[i::stride] for i in range(1, stride)], np.float64).T
    real = hashes != NOBODY
    return hashes[real].view(np.int64), counts[real]


def _values(ctr: Json, counts: np.ndarray, table: Json) -> np.ndarray:
    """The statistic of each key in float32, and of a hash that the table does not hold."""
    kind, border = ctr["ctr_type"], ctr["target_border_idx"]
    total = counts.sum(axis=1)
    absent: tuple[float, float] = (0, 0)
    if kind in ("BinarizedTargetMeanValue", "FloatTargetMeanValue"):
        good, total = counts[:, 0], counts[:, 1]
    elif kind in COUNTS:
        good, total = counts[:, 0], np.full(len(counts), float(table["counter_denominator"]))
        absent = (0, table["counter_denominator"])
    elif kind == "Buckets":
        good = counts[:, border]
    elif kind == "Borders":
        good = counts[:, 1 if counts.shape[1] == 2 else border + 1 :].sum(axis=1)
    else:
        raise ArtifactError("a CTR of CatBoost", expected="Borders, Buckets, a mean of targets or a count", got=kind)
    number = np.float32
    numerator = np.append(good, absent[0]).astype(number) + number(ctr["prior_numerator"])
    denominator = np.append(total, absent[1]).astype(number) + number(ctr["prior_denomerator"])
    with np.errstate(all="ignore"):
        return (numerator / denominator + number(ctr["shift"])) * number(ctr["scale"])
