"""Files of older XGBoosts, converted under today's: the graph answers what the version that saved them answered.

`python tests/lanes/xgboost_files.py 1.7.6 2.1.4` makes an environment for each version, which needs a package index. Margins have
to be equal bit for bit; a link may differ by an ulp, because the C library's expf did.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import vajra_onnx as vo
from vajra_onnx.export.files import load_model

HERE = Path(__file__).parent
# The scikit-learn and numpy that these versions of XGBoost know.
BESIDE = ["scikit-learn<1.6", "numpy<2"]


def main(versions: list[str]) -> int:
    """1 where a margin differs."""
    return max(check(version) for version in versions)


def check(version: str) -> int:
    """Fit, save, convert, prove and compare the models of one version."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = folder / "venv" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"xgboost=={version}", *BESIDE], check=True)
        subprocess.run([python, "-W", "ignore", HERE / "fit_old_xgboost.py", folder], check=True)
        wrong = [line for path in sorted(folder.glob("*.json")) + sorted(folder.glob("*.ubj")) for line in compare(path)]
        files = len(list(folder.glob("*.json"))) * 2
    print(f"XGBoost {version}: {files} files, {len(wrong)} with other margins")
    print("\n".join(wrong), end="\n" if wrong else "")
    return int(bool(wrong))


def compare(path: Path) -> list[str]:
    """What differs from the answers that the old version gave."""
    rows = np.load(path.parent / "rows.npy")
    answers = vo.load(vo.convert(load_model(str(path)), np.nan_to_num(rows) if path.stem == "linear" else rows)).run(rows)
    margin, value = (np.load(path.parent / f"{path.stem}.{kind}.npy") for kind in ("margin", "predict"))
    np.testing.assert_allclose(answers["predict"], value, rtol=4e-7)
    return [] if np.array_equal(answers["margin"], margin) else [f"  {path.name}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
