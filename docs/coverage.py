"""Convert and prove every estimator of scikit-learn: `python docs/coverage.py [NAME ...]` prints a line for each, and the total.

`--write` writes `coverage.md`. Every output method is proved, for float64 and for float32 input, on adversarial rows, too.
"""

from __future__ import annotations

import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from estimators import EXCLUDED, NOTES, WITHOUT_INFERENCE, estimators, fitted

import vajra_onnx as vo
from vajra_onnx.converters import registry
from vajra_onnx.converters.dict_rows import sample_of
from vajra_onnx.export.outputs import expand
from vajra_onnx.frames import infer
from vajra_onnx.graph.inputs import block_of
from vajra_onnx.graph.target import DEFAULT_OPSET, building

PAGE = Path(__file__).parent / "coverage.md"
DTYPES = (np.float64, np.float32)
IDENTICAL, ROUNDED = "bit-identical", "within rounding"
PROVED = (IDENTICAL, ROUNDED)
# One word per dtype on the page; the command prints the whole message.
FAILED = {"UnsupportedError": "refused", "ParityError": "differs"}


@dataclass(frozen=True)
class Line:
    """One estimator: its outputs, and how exact they are for float64 and for float32 input, or why they are not there."""

    name: str
    module: str
    outputs: tuple[str, ...]
    exactness: tuple[str, ...]
    messages: tuple[str, ...] = ()

    @property
    def converted(self) -> bool:
        return all(word in PROVED for word in self.exactness)


def main(arguments: list[str]) -> int:
    """Print the lines and the total; 1 where something that is not excluded does not convert."""
    wanted = [a for a in arguments if not a.startswith("--")]
    lines = []
    for name, kind in estimators().items():
        if not wanted or name in wanted:
            lines.append(line(name, kind))
            print(
                f"{name:32} {' | '.join(lines[-1].exactness):34} {', '.join(lines[-1].outputs)}", *lines[-1].messages, flush=True
            )
    print(f"{sum(each.converted for each in lines)}/{len(lines)}")
    if "--write" in arguments:
        PAGE.write_text(page(lines))
    return int(any(not each.converted and each.name not in EXCLUDED for each in lines))


def line(name: str, kind: type) -> Line:
    """The proof of one estimator."""
    module = ".".join(part for part in kind.__module__.split(".") if not part.startswith("_"))
    if name in EXCLUDED:
        return Line(name, module, (), (EXCLUDED[name],))
    outputs: tuple[str, ...] = ()
    words, messages = [], []
    for dtype in DTYPES:
        try:
            outputs, word = proved(*fitted(name, kind, dtype))
        except Exception as error:
            word = FAILED.get(type(error).__name__, "fails")
            messages.append(f"\n    {np.dtype(dtype).name}: {type(error).__name__}: {error}")
        words.append(word)
    return Line(name, module, outputs, tuple(words), tuple(messages))


def proved(model: Any, sample: Any) -> tuple[tuple[str, ...], str]:
    """All outputs of a fitted model, and their exactness over every row of the proof."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = available(model, sample)
        certificate = vo.convert(model, sample, outputs=names).certificate
    identical = all(output.bit_identical == output.rows for output in certificate.outputs)
    return names, IDENTICAL if identical else ROUNDED


def available(model: Any, sample: Any) -> tuple[str, ...]:
    """Every output that the converter offers."""
    with building(DEFAULT_OPSET, "exact"):
        _, block = block_of(infer(sample_of(model, sample)), frame=not isinstance(sample, np.ndarray))
        return tuple(expand(registry.convert(model, block)))


def page(lines: Iterable[Line]) -> str:
    """The lines by module, then what is left out and why."""
    by_module: dict[str, list[Line]] = defaultdict(list)
    for each in lines:
        by_module[each.module].append(each)
    total = [each for group in by_module.values() for each in group]
    text = [
        "# What converts",
        "",
        f"Written by `python docs/coverage.py --write`: {sum(e.converted for e in total)} of the {len(total)} estimators of",
        "scikit-learn that can predict or transform rows they were not fitted on, each with all of its outputs, proved on",
        "adversarial rows. *bit-identical*: every bit of every answer; *within rounding*: 1e-12 relative in float64, 8 ulp in",
        "float32, labels equal; *refused*: by name, when it is converted; *differs*: the proof fails, so that `convert` raises",
        "ParityError. XGBoost's estimators convert, too.",
        "",
    ]
    for module, group in sorted(by_module.items()):
        text += [f"## {module}", "", "| estimator | outputs | float64 | float32 |", "|---|---|---|---|"]
        text += [_row(each) for each in sorted(group, key=lambda each: each.name)] + [""]
    text += ["## No inference to convert", "", "| estimator | why |", "|---|---|"]
    text += [f"| {name} | {reason} |" for name, reason in sorted(WITHOUT_INFERENCE.items())]
    text += ["", "## Notes", ""] + [f"- {name}: {note}" for name, note in sorted(NOTES.items())]
    return "\n".join(text) + "\n"


def _row(each: Line) -> str:
    if each.name in EXCLUDED:
        return f"| {each.name} | left out: {EXCLUDED[each.name]} | | |"
    return f"| {each.name} | {', '.join(each.outputs)} | {' | '.join(each.exactness)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
