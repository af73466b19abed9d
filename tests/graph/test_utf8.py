"""The bytes of text, told in the graph."""

from __future__ import annotations

import numpy as np
import onnxruntime
import spox
from spox import Tensor

from vajra_onnx.frames.missing import MARK
from vajra_onnx.graph.model import build
from vajra_onnx.graph.target import building
from vajra_onnx.graph.text.utf8 import utf8


def told(texts: list[str]) -> list[bytes]:
    """The bytes of each text, and that there is nothing but zeros behind them."""
    with building() as target:
        text = spox.argument(Tensor(np.str_, ("N",)))
        data, length = utf8(text, padding=5)
        session = onnxruntime.InferenceSession(
            build(target, {"text": text}, {"data": data, "length": length}).SerializeToString()
        )
    rows, counts = session.run(None, {"text": np.array(texts, object)})
    assert rows.shape[1] == counts.max() + 5
    assert not rows[np.arange(rows.shape[1]) >= counts].any()
    return [bytes(row[:count].tolist()) for row, (count,) in zip(rows, counts, strict=True)]


def test_characters_of_all_planes() -> None:
    points = [*range(0x3000), *range(0x3000, 0x110000, 13)]
    everything = "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000)
    texts = [everything[i : i + 9] for i in range(0, len(everything), 9)]
    assert told(texts) == [text.encode() for text in texts]


def test_empty_and_marked_texts() -> None:
    assert told([""]) == [b""]
    assert told(["", "a", MARK + MARK + "b", "c" + MARK]) == [b"", b"a", (MARK + "b").encode(), ("c" + MARK).encode()]
