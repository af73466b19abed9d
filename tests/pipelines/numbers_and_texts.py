"""More of the catalogue: tables of numbers alone, and columns of text."""

from __future__ import annotations

import numpy as np
from pipelines import tables
from pipelines.catalog import Fitted, fit, ordinary
from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest, VarianceThreshold, f_classif, f_regression
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier


@ordinary
def binned_ridge() -> Fitted:
    bins = KBinsDiscretizer(5, strategy="uniform")
    return fit(make_pipeline(bins, Ridge()), tables.diabetes())


@ordinary
def polynomial_elastic_net() -> Fitted:
    prepare = make_pipeline(PolynomialFeatures(2, include_bias=False), StandardScaler(), VarianceThreshold())
    return fit(make_pipeline(prepare, ElasticNet(alpha=2.0)), tables.diabetes())


@ordinary
def best_features_svc() -> Fitted:
    return fit(make_pipeline(StandardScaler(), SelectKBest(f_classif, k=8), SVC(gamma=0.05)), tables.cancer())


@ordinary
def components_neighbours() -> Fitted:
    return fit(make_pipeline(StandardScaler(), PCA(5), KNeighborsClassifier(weights="distance")), tables.wine())


@ordinary
def scaled_target_svr() -> Fitted:
    inner = TransformedTargetRegressor(SVR(), transformer=StandardScaler())
    return fit(make_pipeline(RobustScaler(), SelectKBest(f_regression, k=5), inner), tables.diabetes())


@ordinary
def logarithms_of_skewed_columns() -> Fitted:
    logarithm = make_pipeline(FunctionTransformer(np.log1p, feature_names_out="one-to-one"), StandardScaler())
    prepare = make_column_transformer((logarithm, make_column_selector("area")), remainder=StandardScaler())
    return fit(make_pipeline(prepare, LogisticRegression(max_iter=2000)), tables.cancer())


@ordinary
def ranked_columns_network() -> Fitted:
    ranks = QuantileTransformer(n_quantiles=50, output_distribution="normal", random_state=0)
    network = MLPClassifier((8,), max_iter=200, tol=0.01, n_iter_no_change=3, random_state=0)
    return fit(make_pipeline(ranks, network), tables.wine())


@ordinary
def power_transformed_discriminant() -> Fitted:
    return fit(make_pipeline(PowerTransformer(), LinearDiscriminantAnalysis()), tables.iris())


@ordinary
def features_from_a_model() -> Fitted:
    chosen = SelectFromModel(RandomForestRegressor(10, max_depth=4, random_state=0), threshold="median")
    rest = RFE(LinearRegression(), n_features_to_select=3)
    return fit(make_pipeline(chosen, rest, Ridge()), tables.diabetes())


@ordinary
def bagged_and_boosted_digits() -> Fitted:
    bagged = BaggingClassifier(DecisionTreeClassifier(max_depth=6), 5, random_state=0)
    boosted = AdaBoostClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=5, random_state=0)
    vote = VotingClassifier([("bagged", bagged), ("boosted", boosted)], voting="soft")
    return fit(make_pipeline(VarianceThreshold(), MinMaxScaler(), PCA(12, random_state=0), vote), tables.digits())


@ordinary
def words_logistic() -> Fitted:
    prepare = make_column_transformer((TfidfVectorizer(min_df=2), "name"), (StandardScaler(), ["lat", "lon", "alt"]))
    return fit(make_pipeline(prepare, LogisticRegression(max_iter=2000)), tables.airports())


@ordinary
def letters_linear() -> Fitted:
    letters = make_union(
        HashingVectorizer(n_features=64, analyzer="char_wb", ngram_range=(2, 3)),
        CountVectorizer(ngram_range=(1, 2), max_features=50),
    )
    prepare = make_column_transformer((letters, "name"), remainder="passthrough")
    features, target = tables.airports()
    return fit(make_pipeline(prepare, SGDClassifier("log_loss", random_state=0)), (features[["name", "lat"]], target))


@ordinary
def letters_of_names_xgboost() -> Fitted:
    letters = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), max_features=60)
    prepare = make_column_transformer((letters, "name"), ("passthrough", ["alt"]))
    features, target = tables.airports()
    return fit(make_pipeline(prepare, XGBClassifier(n_estimators=5, n_jobs=1)), (features, target.astype("category").cat.codes))
