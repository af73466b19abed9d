"""The demo's story: every step that a user's own model will take, with a short line for each."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..errors import ServerError


def tell(output: str) -> None:
    """Fit, convert, prove, save, serve, ask, measure; files go to the directory `output`."""
    import joblib

    from .. import convert, load

    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    pipeline, features = fitted_pipeline()
    joblib.dump(pipeline, folder / "penguins.joblib")
    features.to_csv(folder / "penguins.csv", index=False)
    _say(
        "fit",
        f"{len(features)} penguins, {features.shape[1]} columns of mixed types with missing values -> {folder}/penguins.joblib",
    )
    artifact = convert(pipeline, features)
    _say("convert", f"one ONNX graph of {len(artifact.model.graph.node)} nodes, {artifact.model.ByteSize():,} bytes")
    _say("validate", artifact.certificate.summary())
    path = artifact.save(str(folder / "models" / "penguins"))
    _say("save", f"{path}, with schema and certificate inside and golden vectors beside it")
    session = load(path)
    with running_server(str(folder / "models")) as address:
        _say("serve", f"the repository {folder}/models over gRPC on {address}")
        _ask(address, session, features)
        _measure(session, pipeline, features)
    click.echo(
        "\nYour own model:\n"
        "  vajra-onnx convert my_pipeline.joblib --trust-pickle --sample my_rows.csv -o models/my_model --report report.html\n"
        "  vajra-onnx serve models"
    )


def fitted_pipeline() -> tuple[Any, Any]:
    """An XGBoost classifier behind imputation, scaling and one-hot encoding, fitted on the Palmer penguins, and its features."""
    from palmerpenguins import load_penguins
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from xgboost import XGBClassifier

    penguins = load_penguins()
    features = penguins.drop(columns=["species"])
    numbers = list(features.select_dtypes("number").columns)
    texts = [name for name in features.columns if name not in numbers]
    prepare = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("texts", make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")), texts),
        ]
    )
    pipeline = make_pipeline(prepare, XGBClassifier(n_estimators=100, max_depth=4, n_jobs=1))
    return pipeline.fit(features, penguins["species"].astype("category").cat.codes), features


@contextmanager
def running_server(repository: str) -> Iterator[str]:
    """`vajra-onnx serve` in a process of its own on a free port; the address while it runs."""
    command = [sys.executable, "-m", "vajra_onnx", "serve", repository, "--port", "0", "--metrics-port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert server.stdout is not None
        lines = []
        for line in server.stdout:
            lines.append(line.strip())
            if "ready" in line and "127.0.0.1:" in line:
                yield "127.0.0.1:" + line.partition("127.0.0.1:")[2].split()[0].rstrip(",")
                return
        raise ServerError(f"the server did not start: {' / '.join(lines)}")
    finally:
        server.terminate()
        server.wait(timeout=20)
        assert server.stdout is not None
        server.stdout.close()


def _ask(address: str, session: Any, features: Any) -> None:
    from ..client import Client

    row = features.iloc[[3]]
    with Client(address) as client:
        answer = client.run("penguins", row)
        everything = client.run("penguins", features)
    mine = session.run(features)
    same = all(np.array_equal(everything[name], mine[name]) for name in mine)
    chances = ", ".join(f"{p:.3f}" for p in answer["predict_proba"][0])
    _say("query", f"a penguin with missing values: class {answer['predict'][0]}, probabilities [{chances}]")
    _say("compare", f"{len(features)} answers over gRPC equal session.run bit for bit: {'yes' if same else 'NO'}")


def _measure(session: Any, pipeline: Any, features: Any) -> None:
    from ..bench.local import compare
    from ..bench.report import print_local

    _say("bench", "session.run beside the original pipeline's predict")
    print_local(compare(session, features.dropna(), pipeline.predict))


def _say(step: str, text: str) -> None:
    click.echo(f"{click.style(step + ' ' * (9 - len(step)), bold=True)} {text}")
