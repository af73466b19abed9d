"""vajra-onnx convert: a trained pipeline to a proven model."""

from __future__ import annotations

import json
import time

import click

from ..data import features_of, head, read_data
from ..options import json_option, option, print_json, trust_pickle_option


@click.command("convert")
@click.argument("model", type=click.Path())
@option("--sample", required=True, type=click.Path(), help="Rows that the model was fitted on: CSV, Parquet, JSON, .npy.")
@option("-o", "--output", required=True, type=click.Path(), help="FILE.onnx, or a directory: a model repository's model.")
@option("--outputs", help="Methods to answer, separated by commas; METHOD=NAME renames. Default: the model's own.")
@option("--mode", type=click.Choice(["exact", "fast"]), default="exact", show_default=True, help="fast: float32 throughout.")
@option("--target-opset", type=click.IntRange(17, 27), default=21, show_default=True, help="ai.onnx version of the graph.")
@option("--rows", type=click.IntRange(1), default=2000, show_default=True, help="Rows of the sample to use at most.")
@option("--force", is_flag=True, help="Keep a model whose proof failed; its certificate says so.")
@option("--prove/--no-prove", default=True, help="--no-prove: a .keras file without TensorFlow; its certificate says so.")
@option("--report", type=click.Path(), help="Write the proof as a self-contained HTML page.")
@trust_pickle_option
@json_option
def command(
    model: str,
    sample: str,
    output: str,
    outputs: str | None,
    mode: str,
    target_opset: int,
    rows: int,
    force: bool,
    prove: bool,
    report: str | None,
    trust_pickle: bool,
    as_json: bool,
) -> None:
    """Turn a fitted MODEL into one proven ONNX graph.

    MODEL: .joblib, .pkl, .skops, XGBoost .json or .ubj, LightGBM .txt, CatBoost .cbm or .json, Keras .keras or .h5, or the folder
    of a SavedModel.

    Nothing is written when the proof fails, unless --force.
    """
    from ...converters.dict_rows import takes_dicts
    from ...export.convert import convert_with_proof
    from ...export.files import load_model
    from ...parity.report import write_report

    start = time.perf_counter()
    fitted = load_model(model, trust_pickle=trust_pickle)
    data = head(features_of(fitted, read_data(sample, dicts=takes_dicts(fitted))), rows)
    artifact, proof = convert_with_proof(
        fitted, data, parse_outputs(outputs), mode, target_opset=target_opset, force=force, seed=0, proved=prove
    )
    path = artifact.save(output)
    if report:
        write_report(proof, report)
    if as_json:
        print_json({"path": str(path), "certificate": json.loads(artifact.certificate.to_json())})
        return
    click.echo(f"converted {type(fitted).__name__} in {time.perf_counter() - start:.1f} s: {path}")
    click.echo(artifact.certificate.summary())
    if report:
        click.echo(f"report: {report}")


def parse_outputs(text: str | None) -> list[str] | dict[str, str] | None:
    """`predict,margin` is a list of methods; `predict=label` renames among the defaults."""
    if text is None:
        return None
    items = [item.strip() for item in text.split(",") if item.strip()]
    if any("=" in item for item in items):
        return {item.partition("=")[0]: item.partition("=")[2] or item for item in items}
    return items
