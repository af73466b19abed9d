"""The matrix of boosters: library x objective x booster x kind of data, for the test and for `docs/booster_coverage.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from boosters import data
from catboost import CatBoostClassifier, CatBoostRanker, CatBoostRegressor
from lightgbm import LGBMClassifier, LGBMRanker, LGBMRegressor
from xgboost import XGBClassifier, XGBRanker, XGBRegressor, XGBRFClassifier, XGBRFRegressor

Target = Callable[[Any, np.random.Generator], np.ndarray]
GROUPS = {"group": [data.ROWS // 2, data.ROWS - data.ROWS // 2]}


@dataclass(frozen=True, eq=False)
class Case:
    """One model to fit, convert and prove. words: what it is called on the page, without its library and its data."""

    library: str
    words: str
    kind: str
    model: Callable[[], Any]
    target: Target
    fit: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.library}-{self.words}-{self.kind}"

    def fitted(self) -> tuple[Any, Any]:
        """The fitted model and its rows."""
        rng = np.random.default_rng(0)
        x = data.KINDS[self.kind](rng)
        return self.model().fit(x, self.target(x, rng), **self.fit), x


# By library: (words, constructor, parameters, target, kinds of data, arguments of fit).
SMALL = ("float32", "categories")
ALL = tuple(data.KINDS)
Row = tuple[str, Any, dict[str, Any], Target, tuple[str, ...], dict[str, Any]]


def xgboost() -> Iterator[Row]:
    """XGBoost's objectives and boosters."""
    for name in ("squarederror", "squaredlogerror", "pseudohubererror", "absoluteerror", "gamma", "tweedie"):
        yield f"reg:{name}", XGBRegressor, {"objective": f"reg:{name}"}, data.number, SMALL, {}
    yield "reg:logistic", XGBRegressor, {"objective": "reg:logistic"}, data.share, SMALL, {}
    yield (
        "reg:quantileerror",
        XGBRegressor,
        {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]},
        data.number,
        SMALL,
        {},
    )
    yield "count:poisson", XGBRegressor, {"objective": "count:poisson", "base_score": 2.0}, data.number, SMALL, {}
    yield "survival:cox", XGBRegressor, {"objective": "survival:cox"}, data.number, SMALL, {}
    for name in ("logistic", "logitraw", "hinge"):
        yield f"binary:{name}", XGBClassifier, {"objective": f"binary:{name}"}, data.two, SMALL, {}
    for name in ("softmax", "softprob"):
        yield f"multi:{name}", XGBClassifier, {"objective": f"multi:{name}"}, data.three, SMALL, {}
    for name in ("pairwise", "ndcg", "map"):
        yield f"rank:{name}", XGBRanker, {"objective": f"rank:{name}"}, data.two, SMALL, GROUPS
    yield "two targets", XGBRegressor, {}, data.pair, SMALL, {}
    yield "two targets in a tree", XGBRegressor, {"multi_strategy": "multi_output_tree"}, data.pair, ("float32",), {}
    yield "two labels", XGBClassifier, {}, data.both, ("float32", "frame"), {}
    for words, options in {
        "gbtree": {},
        "dart": {"booster": "dart", "rate_drop": 0.4},
        "lossguide": {"grow_policy": "lossguide", "max_leaves": 5},
        "parallel trees": {"num_parallel_tree": 2},
    }.items():
        yield f"{words}, regression", XGBRegressor, options, data.number, ALL, {}
        yield f"{words}, three classes", XGBClassifier, options, data.three, ALL, {}
    yield "forest, regression", XGBRFRegressor, {}, data.number, ALL, {}
    yield "forest, two classes", XGBRFClassifier, {}, data.two, ALL, {}
    yield "gblinear", XGBRegressor, {"booster": "gblinear"}, data.number, ("float32", "integers", "frame"), {}


def lightgbm() -> Iterator[Row]:
    """LightGBM's objectives and boosters."""
    for name in ("regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie"):
        yield name, LGBMRegressor, {"objective": name}, data.number, SMALL, {}
    for name in ("cross_entropy", "cross_entropy_lambda"):
        yield name, LGBMRegressor, {"objective": name}, data.share, SMALL, {}
    yield "reg_sqrt", LGBMRegressor, {"reg_sqrt": True}, data.number, SMALL, {}
    yield "binary, sigmoid 2", LGBMClassifier, {"objective": "binary", "sigmoid": 2.0}, data.two, SMALL, {}
    for name in ("multiclass", "multiclassova"):
        yield name, LGBMClassifier, {"objective": name}, data.three, SMALL, {}
    for name in ("lambdarank", "rank_xendcg"):
        yield name, LGBMRanker, {"objective": name}, data.two, SMALL, GROUPS
    for words, options in {
        "gbdt": {},
        "dart": {"boosting_type": "dart", "drop_rate": 0.4},
        "goss": {"data_sample_strategy": "goss"},
        "rf": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.7},
        "zero_as_missing": {"zero_as_missing": True},
        "no missing": {"use_missing": False},
    }.items():
        yield f"{words}, regression", LGBMRegressor, options, data.number, ALL, {}
        yield f"{words}, three classes", LGBMClassifier, options, data.three, ALL, {}
    yield "linear_tree", LGBMRegressor, {"linear_tree": True}, data.number, ("float32", "float64", "frame"), {}


def catboost() -> Iterator[Row]:
    """CatBoost's losses and trees."""
    for name in ("RMSE", "MAE", "Quantile", "MAPE", "Poisson", "Tweedie:variance_power=1.5", "Huber:delta=1", "LogCosh"):
        yield name, CatBoostRegressor, {"loss_function": name}, data.number, SMALL, {}
    for name in ("Expectile:alpha=0.3", "Lq:q=2", "LogLinQuantile", "RMSEWithUncertainty", "MultiQuantile:alpha=0.1,0.9"):
        yield name, CatBoostRegressor, {"loss_function": name}, data.number, SMALL, {}
    yield "MultiRMSE", CatBoostRegressor, {"loss_function": "MultiRMSE"}, data.pair, SMALL, {}
    yield "Logloss", CatBoostClassifier, {"loss_function": "Logloss"}, data.two, SMALL, {}
    yield "CrossEntropy", CatBoostClassifier, {"loss_function": "CrossEntropy"}, data.two, SMALL, {}
    for name in ("MultiClass", "MultiClassOneVsAll"):
        yield name, CatBoostClassifier, {"loss_function": name}, data.three, SMALL, {}
    for name in ("MultiLogloss", "MultiCrossEntropy"):
        yield name, CatBoostClassifier, {"loss_function": name}, data.both, ("float32", "frame"), {}
    for name in ("YetiRank", "QueryRMSE", "PairLogit"):
        yield name, CatBoostRanker, {"loss_function": name}, data.two, ("float32",), {"group_id": np.arange(data.ROWS) // 20}
    for policy in ("SymmetricTree", "Depthwise", "Lossguide"):
        yield f"{policy}, regression", CatBoostRegressor, {"grow_policy": policy}, data.number, ALL, {}
        yield f"{policy}, three classes", CatBoostClassifier, {"grow_policy": policy}, data.three, ALL, {}


QUICK: dict[str, dict[str, Any]] = {
    "XGBoost": {"n_estimators": 6, "max_depth": 3, "n_jobs": 1},
    "LightGBM": {"n_estimators": 6, "num_leaves": 6, "min_child_samples": 5, "n_jobs": 1, "verbosity": -1},
    "CatBoost": {
        "iterations": 6,
        "depth": 3,
        "thread_count": 1,
        "allow_writing_files": False,
        "verbose": False,
        "random_seed": 0,
    },
}
ROWS_OF = {"XGBoost": xgboost, "LightGBM": lightgbm, "CatBoost": catboost}


def cases() -> list[Case]:
    """All of them."""
    return [
        Case(library, words, kind, _constructor(library, kind, constructor, options), target, fit)
        for library, rows in ROWS_OF.items()
        for words, constructor, options, target, kinds, fit in rows()
        for kind in kinds
    ]


def _constructor(library: str, kind: str, constructor: Any, options: dict[str, Any]) -> Callable[[], Any]:
    parameters = {**QUICK[library], **options}
    if kind == "categories" and library == "XGBoost":
        parameters |= {"enable_categorical": True, "max_cat_to_onehot": 2}
    if kind == "categories" and library == "CatBoost":
        parameters["cat_features"] = ["kind", "code"]
    return lambda: constructor(**parameters)
