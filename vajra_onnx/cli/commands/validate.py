"""vajra-onnx validate: prove again, on other data or another runtime."""

from __future__ import annotations

import json

import click

from ..data import features_of, head, read_data
from ..main import Failure
from ..options import json_option, option, print_json, trust_pickle_option


@click.command("validate")
@click.argument("model", type=click.Path())
@option(
    "--against",
    required=True,
    type=click.Path(),
    help="The original: .joblib, .pkl, .skops, XGBoost .json or .ubj, LightGBM .txt, CatBoost .cbm or .json, .keras.",
)
@option("--data", required=True, type=click.Path(), help="Rows to compare on: CSV, Parquet, JSON, .npy.")
@option("--rows", type=click.IntRange(1), default=2000, show_default=True, help="Rows of the data to use at most.")
@option("--seed", type=int, default=0, show_default=True, help="Seed of the adversarial rows.")
@option("--bisect", is_flag=True, help="Walk the pipeline's steps and name the first that diverges.")
@option("--report", type=click.Path(), help="Write the proof as a self-contained HTML page.")
@trust_pickle_option
@json_option
def command(
    model: str,
    against: str,
    data: str,
    rows: int,
    seed: int,
    bisect: bool,
    report: str | None,
    trust_pickle: bool,
    as_json: bool,
) -> None:
    """Compare MODEL.onnx with the original on DATA and on adversarial rows. Exit code 1 when they differ."""
    from ...converters.dict_rows import takes_dicts
    from ...export.files import load_model
    from ...export.validate import first_divergence, validate
    from ...parity.report import write_report

    fitted = load_model(against, trust_pickle=trust_pickle)
    frame = head(features_of(fitted, read_data(data, dicts=takes_dicts(fitted))), rows)
    proof = validate(model, fitted, frame, seed=seed)
    if report:
        write_report(proof, report)
    steps = first_divergence(fitted, frame) if bisect else None
    if as_json:
        print_json({"certificate": json.loads(proof.certificate.to_json()), "bisect": steps})
    else:
        click.echo(proof.certificate.summary())
        if steps is not None:
            click.echo(steps)
    if not proof.certificate.passed:
        try:
            proof.raise_if_failed()
        except AssertionError as error:
            raise Failure(str(error)) from error
