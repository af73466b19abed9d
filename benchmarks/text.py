"""Text classification beside scikit-learn and skl2onnx, interleaved: `python benchmarks/text.py [ROUNDS]`.

TfidfVectorizer (words and pairs of words) and LogisticRegression on generated texts with word frequencies of natural language.
Prints the latency of one text and of 1,000, how many times scikit-learn's latency that is, and rows whose label differs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import onnxruntime
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from vajra_onnx.export import build_model
from vajra_onnx.runtime.session import Session

BATCHES = (1, 1000)
SECONDS = 0.3
Run = Callable[[list[str]], np.ndarray]


def main(rounds: int) -> None:
    """Every case and batch size, each rival in turn in every round."""
    rng = np.random.default_rng(0)
    texts = corpus(rng, count=4000, words=20000, length=40)
    labels = (rng.random(len(texts)) + [text.count("a") / len(text) for text in texts] > 0.57).astype(int)
    print(f"{'case':22} {'rival':14} {'batch':>5} {'us':>9} {'faster':>8} {'flips':>9}")
    for name, vectorizer in cases().items():
        model = Pipeline([("vectorizer", vectorizer), ("model", LogisticRegression())]).fit(texts, labels)
        rivals: dict[str, Run] = {"scikit_learn": model.predict, "vajra_exact": ours(model, texts)}
        try:
            rivals["skl2onnx"] = theirs(model)
        except Exception as error:  # whatever it is, it is what its users see
            print(f"{name:22} {'skl2onnx':14} cannot: {str(error).strip().splitlines()[0][:100]}")
        for batch in BATCHES:
            report(name, rivals, texts[:batch], rounds)


def cases() -> dict[str, Any]:
    """What is measured, unfitted."""
    sizes = (5000, 50000)
    tfidf = {f"tfidf 1-2 {size}": TfidfVectorizer(ngram_range=(1, 2), max_features=size) for size in sizes}
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=20000)
    return {**tfidf, "tfidf char_wb 20000": characters, "hashing 2**20": HashingVectorizer()}


def corpus(rng: np.random.Generator, count: int, words: int, length: int) -> list[str]:
    """Texts whose words are as frequent as Zipf says, of about this many words each."""
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    share = np.linspace(2, 0.1, len(letters))
    vocabulary = np.array(["".join(rng.choice(letters, rng.integers(2, 11), p=share / share.sum())) for _ in range(words)])
    frequency = 1 / np.arange(1, words + 1)
    draws = (rng.choice(vocabulary, max(1, rng.poisson(length)), p=frequency / frequency.sum()) for _ in range(count))
    return [" ".join(draw).capitalize() + "." for draw in draws]


def ours(model: Pipeline, texts: list[str]) -> Run:
    """A session of this project."""
    session = Session(build_model(model, texts[:100])[0].SerializeToString())
    return lambda batch: session.run(batch)["predict"]


def theirs(model: Pipeline) -> Run:
    """skl2onnx's graph, and its feeds made by hand."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import StringTensorType

    types = [("text", StringTensorType([None, 1]))]
    graph = convert_sklearn(
        model, initial_types=types, options={LogisticRegression: {"zipmap": False}, TfidfVectorizer: {"locale": "C"}}
    )
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    return lambda batch: np.asarray(session.run(None, {"text": np.array(batch, dtype=object)[:, None]})[0])


def report(name: str, rivals: dict[str, Run], batch: list[str], rounds: int) -> None:
    """One line for each rival: medians over the rounds, ratios within each round."""
    expected = rivals["scikit_learn"](batch)
    seconds = [{rival: latency(run, batch) for rival, run in rivals.items()} for _ in range(rounds)]
    for rival, run in rivals.items():
        ratio = median(one["scikit_learn"] / one[rival] for one in seconds)
        flips = int((run(batch) != expected).sum())
        middle = median(one[rival] for one in seconds) * 1e6
        print(f"{name:22} {rival:14} {len(batch):5} {middle:9,.0f} {ratio:7.1f}x {flips:4}/{len(batch)}", flush=True)


def latency(run: Run, batch: list[str]) -> float:
    """The median time of one call, in seconds."""
    times = []
    deadline = time.perf_counter() + SECONDS
    while time.perf_counter() < deadline or len(times) < 3:
        start = time.perf_counter()
        run(batch)
        times.append(time.perf_counter() - start)
    return median(times)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
