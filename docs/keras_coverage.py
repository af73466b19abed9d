"""Convert and prove the layer matrix of `tests/keras_cases`: `python docs/keras_coverage.py [WORD ...]`, a line for each case.

`--write` writes `keras.md`. Words choose the cases whose names hold one of them. It runs on whatever backend KERAS_BACKEND names.
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import keras  # noqa: E402
from keras_backends import BACKEND, CANNOT, REFUSED, CannotRunError, runnable, said  # noqa: E402
from keras_backends import DIFFERS as KNOWN_TO_DIFFER  # noqa: E402
from keras_cases import WITHOUT_CASES, cases  # noqa: E402
from keras_cases.calls import class_of  # noqa: E402

import vajra_onnx as vo  # noqa: E402
from vajra_onnx.parity.original import quiet  # noqa: E402

PAGE = HERE / "keras.md"
PASSES, REFUSES, CANNOT_RUN, DIFFERS = "passes", "refused", "cannot run", "differs"
HEAD = """# Keras layers: what converts, and how closely

Written by `python docs/keras_coverage.py --write` from the layer matrix that `tests/converters/keras/test_layers.py` proves, too:
every layer in a model of its own, its weights perturbed, converted and proved at batch N, 1, 3 and 7 on normal numbers, extremes,
values one ulp beside, tokens out of vocabulary, NaN and infinities. *Passes*: every number is within 1e-5 of the largest one of
its row or of the sample, integers and text are equal; beside it the largest error found, in units of that largest number.
"""
OTHERS = (
    "The table above is TensorFlow's. `make test-keras` and `make test-torch` run the same cases on JAX and torch; what these "
    "are known to skip:"
)


@dataclass(frozen=True)
class Line:
    """name: of the case. layer: its class. verdict: one of the words above. detail: the largest error, or why there is none."""

    name: str
    layer: str
    verdict: str
    detail: str


def main(arguments: list[str]) -> int:
    """Print the lines and the total; 1 where a case differs."""
    wanted = [a for a in arguments if not a.startswith("--")]
    lines = []
    for name, make, shapes in cases():
        if not wanted or any(word in name for word in wanted):
            lines.append(line(name, make, shapes))
            print(f"{name:45} {lines[-1].verdict:10} {lines[-1].detail}", flush=True)
    print(summary(lines))
    if "--write" in arguments:
        PAGE.write_text(page(lines))
    return int(any(each.verdict == DIFFERS for each in lines))


def line(name: str, make: Any, shapes: list[Any]) -> Line:
    """What becomes of a case."""
    with quiet():
        kind = class_of(name, make)
    try:
        with quiet():
            model, rows = runnable(name, make, shapes)
            certificate = vo.convert(model, rows).certificate
    except CannotRunError as error:
        return Line(name, kind, CANNOT_RUN, str(error).partition(": ")[2])
    except vo.UnsupportedError as error:
        return Line(name, kind, REFUSES if said(REFUSED, name) else DIFFERS, str(error))
    except vo.ParityError as error:
        return Line(name, kind, DIFFERS, str(error))
    worst = max(0.0 if output.discrete else output.max_rel for output in certificate.outputs)
    return Line(name, kind, PASSES, f"{worst:.1g}" if worst else "exact")


def summary(lines: list[Line]) -> str:
    """How many cases pass, are refused by name, cannot run, differ."""
    count = Counter(each.verdict for each in lines)
    return f"{len(lines)} cases on {BACKEND}: " + ", ".join(f"{count[word]} {word}" for word in count)


def page(lines: list[Line]) -> str:
    """One line per class of keras.layers, then the refusals, then what the backends themselves cannot run."""
    by_class: dict[str, list[Line]] = defaultdict(list)
    for each in lines:
        by_class[each.layer].append(each)
    text = [HEAD, f"{summary(lines)}.", "", "| layer | cases | |", "|---|---|---|"]
    names = sorted({kind.__name__ for kind in public()} | set(by_class))
    text += [f"| {name} | {len(by_class[name]) or ''} | {words(name, by_class[name])} |" for name in names]
    text += ["", "## Refused by name", "", "| case | message |", "|---|---|"]
    text += [f"| {each.name} | {each.detail} |" for each in lines if each.verdict == REFUSES]
    text += [
        f"| {pattern}, {backend} alone | {why} |"
        for backend in ("jax", "torch")
        for pattern, why in {**REFUSED.get(backend, {}), **KNOWN_TO_DIFFER.get(backend, {})}.items()
    ]
    text += ["", "## What a backend itself cannot run", "", OTHERS, ""]
    text += ["| backend | cases | how many | its words |", "|---|---|---|---|"]
    for backend, table in CANNOT.items():
        for pattern, why in table.items():
            count = sum(said({backend: {pattern: why}}, each.name, backend) is not None for each in lines)
            text.append(f"| {'all' if backend == '*' else backend} | `{pattern}` | {count} | {why.replace('|', ' or ')} |")
    return "\n".join(text) + "\n"


def public() -> set[type]:
    """The classes of keras.layers; other names for the same class do not count."""
    return {c for c in vars(keras.layers).values() if inspect.isclass(c) and issubclass(c, keras.layers.Layer)}


def words(name: str, lines: list[Line]) -> str:
    """What the page says of a class."""
    if not lines:
        return WITHOUT_CASES[name]
    errors = [0.0 if each.detail == "exact" else float(each.detail) for each in lines if each.verdict == PASSES]
    count = Counter(each.verdict for each in lines)
    parts = [f"{count.pop(PASSES)} pass, {f'{max(errors):.1g}' if max(errors) else 'exact'}"] if errors else []
    return "; ".join([*parts, *(f"{number} {verdict}" for verdict, number in count.items())])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
