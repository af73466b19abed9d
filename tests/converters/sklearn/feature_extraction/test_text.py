"""sklearn.feature_extraction.text: equal on every text, in every script, character for character."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare import assert_same, converted
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

import vajra_onnx as vo
from vajra_onnx.converters.sklearn.feature_extraction.patterns import everything
from vajra_onnx.errors import InputError, UnsupportedError

TEXTS = [
    "Hello World, hello again: the quick brown fox's 2 foxes",
    "The fox and the hound; THE FOX.",
    "Straße GROẞ naïve façade Ångström Å Å ﬁne ½ ﷺ ⩵",
    "İstanbul ıI Iğdır DİYARBAKIR",
    "ΟΔΥΣΣΕΥΣ ΟΔΟΣ. Σ ΑΣ'Α ΑΣ\u0301 Σ\u0301Α 1Σ ΑΣΣ",
    "Привет МИР мир Ёлка",
    "مرحبا بالعالم ٣٤٥ مُحَمَّد",
    "שָׁלוֹם עולם",
    "हिन्दी में क्षत्रिय १२३",
    "ภาษาไทย สวัสดีครับ",
    "你好 世界 中文，標點。",
    "日本語テキスト ｶﾞｷﾞ がぎ",
    "한국어 텍스트 각",
    "👩‍👩‍👧 family 😀😀 🇩🇪 👍🏽",
    "snake_case __init__ _ a_b x1 1x 42",
    "a\tb\n\n\nc \x1f\x1c d\x85\x85e\u00a0\u00a0f\u2028g   h",
    "",
    "...!!! ?",
    "nul\0in\0 \0\0",
    "\ufdd0start \ufdd0\ufdd0",
    "\ufdd0",
    "x",
    "  lead  trail  ",
    "Ⅷ ⓐ Ⓐ ǅ ǆ Ǆ ẞ ŉ ΐ Kelvin \u212a",
]
FRAME = pd.DataFrame({"text": pd.Series(TEXTS, dtype=object), "length": [float(len(t)) for t in TEXTS]})
SOME = FRAME.iloc[::2]

WORDS: list[dict[str, Any]] = [
    {},
    {"lowercase": False},
    {"strip_accents": "unicode"},
    {"strip_accents": "ascii"},
    {"strip_accents": "unicode", "lowercase": False, "ngram_range": (2, 2)},
    {"ngram_range": (1, 3)},
    {"stop_words": ["hello", "the", "мир"]},
    {"binary": True, "max_features": 20},
    {"vocabulary": ["fox", "the fox", "", "fox ", "i\u0307", "the"], "ngram_range": (1, 2), "stop_words": ["the"]},
]
CHARACTERS: list[dict[str, Any]] = [
    {"analyzer": "char"},
    {"analyzer": "char", "ngram_range": (1, 3)},
    {"analyzer": "char", "ngram_range": (2, 2), "lowercase": False},
    {"analyzer": "char", "ngram_range": (40, 41)},
    {"analyzer": "char_wb"},
    {"analyzer": "char_wb", "ngram_range": (2, 4)},
    {"analyzer": "char_wb", "ngram_range": (5, 7), "strip_accents": "unicode"},
]
PATTERNS = [
    r"(?u)\b\w+\b",
    r"\w{3,}",
    r"(?u)\b\w\w\w+\b",
    r"[a-zA-Z]+",
    r"\S+",
    r"[^\s,.]{2,4}",
    r"\b[a-z]{2,}\b",
    r"\b[^\W\d_]+\b",
    r"\b(\w+)\b",
    r"\b(?:[a-z]+\d?|\d+x*?)\b",
    r"(?a)\w+",
    r"(?a)\b\w\w+\b",
    r"(?a)\b[a-z]{2,}\b",
    r"(?i)[a-zσ]+",
    r".",
    r"\d",
]


def columns(vectorizers: list[Any], sample: pd.DataFrame = FRAME) -> ColumnTransformer:
    """All of them side by side on the same texts: one graph, one session."""
    return ColumnTransformer([(str(i), v, "text") for i, v in enumerate(vectorizers)], sparse_threshold=1.0).fit(sample)


@pytest.mark.parametrize("options", [WORDS[:4], WORDS[4:], CHARACTERS[:4], CHARACTERS[4:]], ids=range(4))
@pytest.mark.parametrize("sample", [FRAME, SOME], ids=["seen", "unseen"])
def test_counts_are_equal(options: list[dict[str, Any]], sample: pd.DataFrame) -> None:
    assert_same(columns([CountVectorizer(**o) for o in options], sample), FRAME)


def test_stop_words_of_english() -> None:
    frame = FRAME.assign(text=[f"{text} fox of the world" for text in TEXTS])
    assert_same(columns([CountVectorizer(stop_words="english", ngram_range=(1, 2), dtype=np.float32)], frame), frame)


def test_token_patterns() -> None:
    assert_same(columns([CountVectorizer(token_pattern=pattern) for pattern in PATTERNS]), FRAME)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_are_bit_identical(dtype: type) -> None:
    options: list[dict[str, Any]] = [
        {},
        {"norm": "l1"},
        {"norm": None},
        {"use_idf": False},
        {"smooth_idf": False, "binary": True},
        {"analyzer": "char"},
    ]
    assert_same(columns([TfidfVectorizer(dtype=dtype, **o) for o in options]), FRAME)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logarithms_of_counts(dtype: type) -> None:
    vectorizer = TfidfVectorizer(dtype=dtype, sublinear_tf=True, analyzer="char_wb", ngram_range=(1, 2))
    assert_same(columns([vectorizer]), FRAME, rtol=1e-15 if dtype == np.float64 else 5e-7)


@pytest.mark.parametrize("form", ["int64", "float32", "float64"])
def test_transformer_of_counts(form: str) -> None:
    counts = np.random.default_rng(0).poisson(0.4, (60, 9)).astype(form)
    counts[3] = 0
    for options in ({}, {"norm": "l1", "use_idf": False}, {"norm": None, "smooth_idf": False}):
        assert_same(TfidfTransformer(**options).fit(counts + 1), counts)


def test_hashed_features() -> None:
    options: list[dict[str, Any]] = [
        {},
        {"alternate_sign": False, "norm": None},
        {"binary": True, "norm": "l1"},
        {"ngram_range": (1, 2), "stop_words": ["fox"], "strip_accents": "ascii"},
        {"analyzer": "char_wb", "ngram_range": (1, 4)},
        {"n_features": 1},
    ]
    assert_same(columns([HashingVectorizer(**{"n_features": 64} | o) for o in options]), FRAME)
    assert_same(columns([HashingVectorizer(n_features=7, dtype=np.float32)]), FRAME)


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("accents", [None, "unicode", "ascii"])
def test_every_character(lowercase: bool, accents: str | None) -> None:
    """Each in its place: as many n-grams as there are characters, hashed into few columns, over all of Unicode."""
    step = 512
    texts = ["Σ" + everything()[i : i + step] + "Σ" for i in range(0, 0x30000, step)]
    vectorizer = HashingVectorizer(
        n_features=512, analyzer="char", ngram_range=(3, 3), lowercase=lowercase, strip_accents=accents, norm=None
    )
    model = columns([vectorizer])
    session, _ = converted(model, FRAME)
    frame = FRAME.iloc[:1].loc[[0] * len(texts)].assign(text=texts)
    expected = model.transform(frame).toarray()
    for start in range(0, len(texts), 64):  # sums over n-grams tell one difference from none
        got = session.run(frame.iloc[start : start + 64])["transform"]
        np.testing.assert_array_equal(got, expected[start : start + 64])


def test_every_character_as_part_of_a_word() -> None:
    """One text for each character: `ab?cd` is one token or two."""
    texts = [f"ab{c}cd" for c in everything()[:0x3400]]
    frame = pd.DataFrame({"text": texts, "length": 0.0})
    model = columns([HashingVectorizer(n_features=32, norm=None)], frame)
    session, _ = converted(model, FRAME)
    np.testing.assert_array_equal(session.run(frame)["transform"], model.transform(frame).toarray())


ALPHABET = st.sampled_from(list("abAB Σσςİı\u0307\u0301'.:_-1ßẞéÉ \t\n\x85\u00a0\u200d\ufdd0Å각😀ǅ"))


def test_generated_texts() -> None:
    analyzers: list[dict[str, Any]] = [
        {"ngram_range": (1, 2)},
        {"analyzer": "char", "ngram_range": (1, 3), "strip_accents": "unicode"},
        {"analyzer": "char_wb", "ngram_range": (4, 6)},
    ]
    model = columns([HashingVectorizer(n_features=1024, norm=None, **o) for o in analyzers])
    session, _ = converted(model, FRAME)

    @given(texts=st.lists(st.text(ALPHABET, max_size=25), min_size=1, max_size=5))
    @settings(max_examples=100, deadline=None)
    def check(texts: list[str]) -> None:
        frame = pd.DataFrame({"text": pd.Series(texts, dtype=object), "length": 0.0})
        np.testing.assert_array_equal(session.run(frame)["transform"], model.transform(frame).toarray())

    check()


def test_a_whole_pipeline_is_proved() -> None:
    features = ColumnTransformer(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2)), "text"),
            ("characters", CountVectorizer(analyzer="char_wb", ngram_range=(2, 3), max_features=50), "text"),
            ("number", StandardScaler(), ["length"]),
        ]
    )
    labels = np.arange(len(FRAME)) % 2
    model = Pipeline([("features", features), ("model", LogisticRegression())]).fit(FRAME, labels)
    artifact = vo.convert(model, FRAME)
    assert artifact.certificate.passed
    with pytest.raises(InputError):
        vo.load(artifact).run({"text": None, "length": 1.0})


def test_texts_alone() -> None:
    """Fitted on texts, converted with a DataFrame of one column: scikit-learn's own tutorial of text classification."""
    frame, labels = FRAME[["text"]], np.arange(len(FRAME)) % 2
    union = FeatureUnion([("words", TfidfVectorizer()), ("characters", HashingVectorizer(n_features=16, analyzer="char"))])
    assert_same(CountVectorizer().fit(TEXTS), frame)
    assert_same(union.fit(TEXTS), frame)
    assert_same(Pipeline([("union", union)]).fit(TEXTS), frame)
    assert_same(Pipeline([("inner", Pipeline([("hash", HashingVectorizer(n_features=8))]))]).fit(TEXTS), frame)
    steps = [("counts", CountVectorizer()), ("weights", TfidfTransformer()), ("model", LogisticRegression())]
    for model in (Pipeline(steps), Pipeline([("union", union), ("model", LogisticRegression())])):
        assert vo.convert(model.fit(TEXTS, labels), frame).certificate.passed


def test_texts_without_a_table() -> None:
    """Fitted on texts, converted with texts, asked with texts: in any container of them."""
    labels = np.arange(len(TEXTS)) % 2
    model = Pipeline([("weights", TfidfVectorizer()), ("model", LogisticRegression())]).fit(TEXTS, labels)
    search = GridSearchCV(model, {"model__C": [1.0]}, cv=2).fit(TEXTS, labels)
    expected = model.predict_proba(TEXTS)
    forms = [TEXTS, np.array(TEXTS, dtype=object), pd.Series(TEXTS, name="review"), pd.Series(TEXTS, dtype="string")]
    for original, sample in [(search, TEXTS), *((model, form) for form in forms)]:
        artifact = vo.convert(original, sample)
        assert artifact.certificate.passed
        session = vo.load(artifact)
        for data in (*forms, {session.schema.inputs[0].name: TEXTS}, FRAME["text"]):
            np.testing.assert_array_equal(session.run(data)["predict_proba"], expected)
    assert session.run([])["predict"].shape == (0,)
    with pytest.raises(InputError, match="int 3 in row 1"):
        session.run(["a", 3])


@pytest.mark.parametrize(
    "vectorizer",
    [
        CountVectorizer(tokenizer=str.split, token_pattern=None),
        CountVectorizer(preprocessor=str.upper),
        CountVectorizer(analyzer=str.split),
        TfidfVectorizer(strip_accents=str.strip),
        CountVectorizer(token_pattern=r"[a-z]+\d*"),
        CountVectorizer(token_pattern=r"\b[\w-]+\b"),
        CountVectorizer(token_pattern=r"\b\w*\b"),
        CountVectorizer(token_pattern=r"(?<=x)\w+"),
        CountVectorizer(token_pattern=r"\b\w(\w+)\b"),
        CountVectorizer(token_pattern=r"\w+?"),
        HashingVectorizer(),
    ],
    ids=str,
)
def test_refused_by_name(vectorizer: Any) -> None:
    with pytest.raises(UnsupportedError, match=r"Python function|token_pattern|n_features"):
        converted(columns([vectorizer]), FRAME)


def test_hashed_features_that_cancel_out() -> None:
    """scipy stores their zeros, which XGBoost does not take for missing, and whose logarithm is infinite."""
    frame, labels = FRAME[["text"]], np.arange(len(FRAME)) % 2
    for last in (XGBClassifier(n_estimators=2, max_depth=2), TfidfTransformer(sublinear_tf=True)):
        signed, plain = (
            FeatureUnion([("hash", HashingVectorizer(n_features=4, norm=None, alternate_sign=a))]) for a in (True, False)
        )
        rtol = 0.0 if isinstance(last, XGBClassifier) else 1e-15
        assert_same(Pipeline([("hash", plain), ("last", last)]).fit(TEXTS, labels), frame, rtol=rtol)
        model = Pipeline([("hash", signed), ("last", last)]).fit(TEXTS, labels)
        with pytest.raises(UnsupportedError, match="cancel out"):
            converted(model, frame)
