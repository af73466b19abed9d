"""The proof as one HTML page that needs nothing else: no script, no font, no address outside of it."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from .certificate import Certificate, Tally
from .plots import by_kind, distribution
from .proof import Proof, Worst, shortened

ABOUT = {
    "sample": "rows of the sample as they are",
    "ulp": "one number moved to its neighbouring float, integer or instant",
    "midpoint": "one number moved half-way to the next observed value",
    "extreme": "one number very large, very small, or a signed zero",
    "infinite": "one number infinite",
    "missing": "values missing, one column at a time and all together",
    "category": "text unseen, empty, in another case, or that looks like a missing value; every observed category",
    "integer": "one integer at an edge: -1, 0, large, past 2**53",
    "bool": "one boolean changed",
    "datetime": "one date at an edge of the calendar or of the type",
    "boundary": "both sides of a decision boundary, neighbouring values that the original answers differently",
}


def write_report(proof: Proof, path: str | os.PathLike[str], title: str = "Parity report") -> None:
    """Write `render(proof)` to a file, in UTF-8."""
    Path(path).write_text(render(proof, title), encoding="utf-8")


def render(proof: Proof, title: str = "Parity report") -> str:
    """The page: verdict, outputs, kinds of rows, error distributions, worst rows, versions."""
    from jinja2 import Environment, StrictUndefined

    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters |= {"count": _count, "error": _error, "short": shortened, "share": _share}
    template = page.from_string(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))
    certificate = proof.certificate
    text: str = template.render(
        title=title,
        certificate=certificate,
        headline=_headline(certificate),
        failure=proof.failure(),
        kinds=[(kind, ABOUT[kind], tally) for kind, tally in certificate.by_kind.items()],
        dropped=_dropped(certificate),
        plots=_plots(proof),
        worst={name: [_row(w) for w in rows] for name, rows in proof.worst.items()},
    )
    return text


def _headline(certificate: Certificate) -> str:
    if not certificate.passed:
        return "The graph does not equal the original"
    identical = all(o.bit_identical == o.rows for o in certificate.outputs)
    return "The graph equals the original, bit for bit" if identical else "The graph equals the original, up to rounding"


def _plots(proof: Proof) -> dict[str, list[str]]:
    """By output that holds numbers: its two plots."""
    numbers = [o for o in proof.certificate.outputs if not o.discrete and not proof.comparisons[o.name].problem]
    return {
        o.name: [distribution(proof.comparisons[o.name]), by_kind(proof.comparisons[o.name], proof.kinds, o)] for o in numbers
    }


def _dropped(certificate: Certificate) -> list[tuple[str, int, int, int]]:
    """Kind, rows that the original refuses, how many of those the graph answers, rows that the graph alone refuses."""
    kinds = dict.fromkeys([*certificate.refused, *certificate.unanswered])
    counts = (certificate.refused, certificate.answered, certificate.unanswered)
    return [(kind, *(c.get(kind, 0) for c in counts)) for kind in kinds]  # type: ignore[misc]


def _row(worst: Worst) -> dict[str, Any]:
    inputs = [(name, shortened(value), name == worst.changed) for name, value in worst.inputs.items()]
    return {"worst": worst, "inputs": inputs}


def _count(number: int) -> str:
    return f"{number:,}"


def _error(number: float) -> str:
    return (
        "0"
        if number == 0
        else f"{number:,.0f}"
        if number == int(number) and number < 1e6
        else f"{number:.1e}"
        if number < 1e308
        else "∞"
    )


def _share(tally: Tally) -> str:
    """Bit-identical rows in per cent, never rounded up to 100."""
    share = 100 * tally.bit_identical / tally.rows if tally.rows else 100.0
    return f"{min(share, 99.9) if tally.bit_identical < tally.rows else 100:.3g} %"
