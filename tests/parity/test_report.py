"""The report: one page, nothing outside of it, everything that matters on it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from vajra_onnx.parity.cases import KINDS
from vajra_onnx.parity.proof import Proof
from vajra_onnx.parity.report import ABOUT, render, write_report


class Balanced(HTMLParser):
    """Checks that every element is closed in its turn."""

    void = frozenset({"meta", "link", "br", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def pages(proof_of: Callable[..., Proof], penguins: pd.DataFrame) -> tuple[str, str]:
    """The page of a proof, and of one that failed; a column is named like an element of HTML."""
    data = penguins.dropna()
    frame = data[["bill_length_mm", "body_mass_g"]].rename(columns={"body_mass_g": "<b>mass</b>"})
    model = LogisticRegression(max_iter=5000).fit(frame, data["species"])
    other = copy.deepcopy(model)
    other.coef_ = other.coef_ * 1.01
    return render(proof_of(model, frame, digest="abc123")), render(proof_of(model, frame, planted=other), "Adelie & friends")


def test_the_page_is_well_formed_and_self_contained(pages: tuple[str, str]) -> None:
    for page in pages:
        parser = Balanced()
        parser.feed(page)
        assert parser.open == []
        addresses = re.findall(r'(?:href|src)="([^"]*)"', page) + re.findall(r"url\(([^)]*)\)", page)
        assert all(a.startswith(("#", "data:image/png")) for a in addresses)
        assert "<script" not in page
        assert "http" not in page
        assert "&lt;b&gt;mass&lt;/b&gt;" in page
        assert "<b>mass" not in page


def test_verdict_and_contents(pages: tuple[str, str]) -> None:
    good, bad = pages
    assert "The graph equals the original, up to rounding" in good
    assert "abc123" in good
    assert "scikit" not in good
    assert re.search(r"<dt>sklearn</dt><dd>[\d.]+</dd>", good)
    assert good.count("<svg") == 2
    assert "The graph does not equal the original" in bad
    assert "Adelie &amp; friends" in bad
    assert ">wrong</span>" in bad
    for kind in ("sample", "boundary", "midpoint"):
        assert f"<td>{kind}</td>" in good


def test_every_kind_of_row_is_explained() -> None:
    assert set(ABOUT) == set(KINDS)


def test_bit_identical_is_said_only_where_it_is_true(
    proof_of: Callable[..., Proof], tmp_path: Path, penguins: pd.DataFrame
) -> None:
    frame = penguins.dropna()[["bill_length_mm", "body_mass_g"]]
    write_report(proof_of(StandardScaler().fit(frame), frame), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "The graph equals the original, bit for bit" in page
    assert "100 %" in page
