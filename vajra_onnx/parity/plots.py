"""The report's two plots of an output's errors, as inline SVG."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .cases import KINDS
from .certificate import OutputReport
from .compare import Comparison

INK, QUIET, GOOD, BAD = "#1b1f24", "#8a929c", "#3f6f8f", "#b3362b"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "vajra-onnx",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 3,
}
SIZE = (4.6, 2.9)
FAR = 2.0**12


def distribution(result: Comparison) -> str:
    """How many rows have which error in ulp, in steps that double."""
    edges = [0, 1, 2, 4, 8, 16, 64, 256, FAR]
    names = ["same\nbits", "1", "2", "3 to 4", "5 to 8", "to 16", "to 64", "to 256", "to 4096", "more"]
    # Numbers that are equal in value and not in bits, 0.0 and -0.0, are an ulp apart here.
    errors = np.where(result.identical, 0.0, np.maximum(result.ulp, 1.0))
    places = np.searchsorted(edges, errors, side="left")
    last = max(4, int(places.max(initial=0)))
    within = np.bincount(places[~result.wrong], minlength=len(names))[: last + 1]
    wrong = np.bincount(places[result.wrong], minlength=len(names))[: last + 1]
    with _figure() as (axes, svg):
        axes.bar(range(last + 1), within, color=GOOD, width=0.72)
        axes.bar(range(last + 1), wrong, bottom=within, color=BAD, width=0.72)
        for place, count in enumerate(within + wrong):
            if count:
                axes.text(place, count, f"{count:,}", ha="center", va="bottom", fontsize=8, color=BAD if wrong[place] else INK)
        axes.set_yscale("symlog", linthresh=10)
        axes.set_ylim(0, float((within + wrong).max(initial=1)) * 2.5)
        axes.set_yticks([])
        axes.minorticks_off()
        axes.spines["left"].set_visible(False)
        axes.set_xticks(range(last + 1), names[: last + 1], fontsize=8)
        axes.set_xlabel("largest error in a row, ulp")
    return svg[0]


def by_kind(result: Comparison, kinds: np.ndarray, output: OutputReport) -> str:
    """The relative error of every row, by kind of row; the tolerance as a line."""
    present = [kind for kind in KINDS if kind in kinds]
    floor = 1e-18 if output.dtype == "float64" else 1e-10
    rng = np.random.default_rng(0)
    with _figure() as (axes, svg):
        for place, kind in enumerate(present):
            rows = kinds == kind
            relative = np.nan_to_num(result.relative[rows], posinf=1e3)
            errors = np.where(relative == 0, floor, np.clip(relative, floor * 10, 1e3))
            wrong = result.wrong[rows]
            across = place + rng.uniform(-0.28, 0.28, len(errors))
            for mask, colour in ((~wrong, GOOD), (wrong, BAD)):
                axes.scatter(across[mask], errors[mask], s=5, alpha=0.45, color=colour, linewidths=0, rasterized=True)
        axes.axhline(output.rtol, color=BAD, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.text(len(present) - 0.45, output.rtol, "tolerance", color=BAD, fontsize=8, va="bottom", ha="right")
        axes.set_yscale("log")
        highest = max(output.rtol * 30, float(np.nan_to_num(result.relative, posinf=1e3).max(initial=0.0)) * 10)
        axes.set_ylim(floor / 3, highest)
        axes.set_xlim(-0.6, len(present) - 0.4)
        axes.set_xticks(range(len(present)), present, fontsize=8, rotation=30, ha="right", rotation_mode="anchor")
        axes.set_ylabel("relative error")
        decades = [e for e in range(round(np.log10(floor)), 4, 3) if 10.0**e < highest]
        axes.set_yticks([10.0**e for e in decades], ["0", *(f"$10^{{{e}}}$" for e in decades[1:])])
        axes.minorticks_off()
    return svg[0]


def _inline(text: str) -> str:
    """SVG as HTML wants it: no prolog, no metadata, and no names of namespaces, which look like addresses."""
    return re.sub(r'<metadata>.*?</metadata>|\sxmlns(:\w+)?="[^"]*"', "", text[text.index("<svg") :], flags=re.DOTALL)


@contextmanager
def _figure() -> Iterator[tuple[Any, list[str]]]:
    """Axes to draw on; the SVG text is in the list afterwards."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    svg: list[str] = []
    with rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        yield figure.add_subplot(), svg
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, dpi=200, metadata={"Date": None})
        svg.append(_inline(text.getvalue()))
