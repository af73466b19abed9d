"""vajra-onnx predict: answers for a file of rows."""

from __future__ import annotations

import csv
import json
import sys
from typing import Any

import click
import numpy as np

from ..data import read_data
from ..options import json_option, option


@click.command("predict")
@click.argument("model", type=click.Path())
@click.argument("data", type=click.Path())
@option("--outputs", help="Outputs to print, separated by commas. Default: all.")
@json_option
def command(model: str, data: str, outputs: str | None, as_json: bool) -> None:
    """Print the answers of MODEL.onnx for the rows of DATA, as CSV or (--json) one JSON object per row."""
    from ...runtime.session import load

    session = load(model)
    rows = read_data(data, dicts=session.schema.takes_dicts)
    names = [c.name for c in session.schema.inputs]
    if hasattr(rows, "columns") and set(names) <= set(rows.columns):
        rows = rows[names]  # files often carry the target or an index as well
    answers = session.run(rows, outputs.split(",") if outputs else None)
    if as_json:
        for index in range(len(next(iter(answers.values())))):
            click.echo(json.dumps({name: plain(values[index]) for name, values in answers.items()}, ensure_ascii=False))
        return
    writer = csv.writer(sys.stdout)
    writer.writerow([title for name, values in answers.items() for title in titles(name, values)])
    for index in range(len(next(iter(answers.values())))):
        writer.writerow([cell for values in answers.values() for cell in np.atleast_1d(values[index]).ravel().tolist()])


def titles(name: str, values: np.ndarray) -> list[str]:
    """One title per CSV column: `predict`, or `predict_proba[0]`, `predict_proba[1]`, ..."""
    width = int(np.prod(values.shape[1:]))
    return [name] if values.ndim == 1 else [f"{name}[{i}]" for i in range(width)]


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
