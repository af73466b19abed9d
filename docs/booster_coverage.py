"""Convert and prove the matrix of boosters of `tests/boosters`: `python docs/booster_coverage.py [WORD ...]`, a line for each.

`--write` writes `boosters.md`. Every output is proved on adversarial rows; words choose the cases whose names hold one of them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from boosters.cases import Case, cases  # noqa: E402
from sweeps.sweep import prove_case  # noqa: E402

from vajra_onnx.errors import ParityError, UnsupportedError  # noqa: E402
from vajra_onnx.parity.original import quiet  # noqa: E402

PAGE = HERE / "boosters.md"
EXACT = "bit-identical"
HEAD = f"""# Gradient boosting: what converts, and how exactly

Written by `python docs/booster_coverage.py --write` from the matrix that `tests/boosters` proves, too. Every model is converted
with all its outputs and proved on adversarial rows: on thresholds and one ulp beside them, missing values, infinities, unseen
categories. *{EXACT}*: every bit of every output; else the outputs that are not, with their largest error in ulp. Raw scores
(`margin`) and leaf indices (`apply`) are bit-identical everywhere. The columns are the kinds of data in `tests/boosters/data.py`.
"""


def main(arguments: list[str]) -> int:
    """Print the lines and the total; 1 where a case does not convert."""
    wanted = [a for a in arguments if not a.startswith("--")]
    answers = {}
    for case in cases():
        if not wanted or any(word in case.name for word in wanted):
            answers[case] = verdict(case)
            print(f"{case.name:50} {answers[case]}", flush=True)
    proved = sum(not answer.startswith(("refused", "differs")) for answer in answers.values())
    print(f"{proved}/{len(answers)}")
    if "--write" in arguments:
        PAGE.write_text(page(answers, proved))
    return int(proved < len(answers))


def verdict(case: Case) -> str:
    """In a few words how exact the case is, or why it is not there."""
    try:
        with quiet():
            model, rows = case.fitted()
            certificate = prove_case(model, rows)
    except UnsupportedError as error:
        return f"refused: {error}"
    except ParityError as error:
        return f"differs: {error}"
    loose = [output for output in certificate.outputs if output.bit_identical < output.rows]
    return ", ".join(f"{output.name} {output.max_ulp:.0f} ulp" for output in loose) or EXACT


def page(answers: dict[Case, str], proved: int) -> str:
    """One table per library: its objectives and boosters down, the kinds of data across."""
    tables: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for case, answer in answers.items():
        tables[case.library][case.words][case.kind] = answer
    text = [HEAD, f"{proved} of {len(answers)} cases are proved.", ""]
    for library, table in tables.items():
        kinds = list(dict.fromkeys(case.kind for case in answers))
        text += [f"## {library}", "", f"| model | {' | '.join(kinds)} |", "|---" * (len(kinds) + 1) + "|"]
        text += [f"| {words} | {' | '.join(line.get(kind, '') for kind in kinds)} |" for words, line in table.items()] + [""]
    return "\n".join(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
