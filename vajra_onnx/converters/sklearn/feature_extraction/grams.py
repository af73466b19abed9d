"""From texts to the words or characters that are counted, and their n-grams."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from spox import Var

from ....errors import UnsupportedError
from ....frames.missing import MARK
from ....graph import contrib, ops
from ....graph.block import Block
from ....graph.values import cast, concat, constant
from .arrangement import compacted, equals, filled, look_up, replaced, span
from .characters import preprocessed
from .patterns import matching, ranges, translate

Vectorizer: TypeAlias = CountVectorizer | HashingVectorizer


def grams(model: Vectorizer, block: Block) -> Var:
    """What `build_analyzer()` returns for each text, in no particular order: [N, M], "" where there is none."""
    _refuse(model, block)
    text = ops.squeeze(block.parts[0].var, constant([1]))
    if model.analyzer == "word":
        return _words(model, text)
    text = preprocessed(text, model.lowercase, model.strip_accents or None)
    return _characters(model, text) if model.analyzer == "char" else _characters_of_words(model, text)


def _refuse(model: Vectorizer, block: Block) -> None:
    for name in ("analyzer", "preprocessor", "tokenizer", "strip_accents"):
        if callable(getattr(model, name)):
            raise UnsupportedError(
                f"{name} is a Python function, which has no counterpart in ONNX",
                hint="express it by token_pattern, analyzer, lowercase, strip_accents and stop_words",
            )
    if model.input != "content":
        raise UnsupportedError("input", expected="'content'", got=repr(model.input))
    if block.width != 1 or not block.is_string:
        raise UnsupportedError(
            "the input of a text vectorizer",
            expected="one column of text",
            got=f"{block.width} columns" if block.width != 1 else str(block.dtype),
            hint='name the column without brackets: ColumnTransformer([("text", TfidfVectorizer(), "text")])',
        )


def _words(model: Vectorizer, text: Var) -> Var:
    pattern = translate(model.token_pattern)
    accents = model.strip_accents or None
    if model.lowercase or accents or MARK in pattern.letters:
        text = preprocessed(text, model.lowercase, accents)
    tokens = contrib.tokens(text, pattern.expression, pattern.at_least)
    keep = [] if pattern.body is None else [ops.regex_full_match(tokens, pattern=pattern.body)]
    stop_words = sorted(word for word in model.get_stop_words() or () if isinstance(word, str))
    if stop_words:
        keep.append(cast(look_up(tokens, dict.fromkeys(stop_words, 0), 1), np.bool_))
    low, high = model.ngram_range
    if keep:
        kept = keep[0] if len(keep) == 1 else ops.and_(*keep)
        tokens = replaced(tokens, ops.not_(kept), "") if high == 1 else compacted(tokens, _present(tokens, kept))
    return _ngrams(tokens, low, high, " ")


def _present(tokens: Var, kept: Var) -> Var:
    return ops.and_(kept, ops.not_(equals(tokens, "")))


def _characters(model: Vectorizer, text: Var) -> Var:
    """Source: `_char_ngrams`. Of two or more white spaces in a row one blank is left."""
    characters = contrib.characters(text)
    white = cast(look_up(characters, dict.fromkeys(matching(r"\s"), 1), 0), np.bool_)
    none = filled(white, 1, np.bool_(False))
    before, after = span(concat([none, white]), 0, -1), span(concat([white, none]), 1, 0)
    blanks = replaced(characters, ops.and_(white, after), " ")
    low, high = model.ngram_range
    return _ngrams(compacted(blanks, ops.not_(ops.and_(white, before))), low, high, "")


def _characters_of_words(model: Vectorizer, text: Var) -> Var:
    """Source: `_char_wb_ngrams`. A word, with a blank at each end, that is shorter than all n-grams counts once."""
    low, high = model.ngram_range
    words = contrib.tokens(text, ranges(matching(r"\S")) + "+")
    words = concat([words, filled(words, 1, "")])
    blank = constant(" ")
    wrapped = replaced(ops.string_concat(ops.string_concat(blank, words), blank), equals(words, ""), "")
    characters = contrib.characters(wrapped)
    flat = constant([0, -1])
    result = [ops.reshape(_ngrams(characters, low, high, "", axis=2), flat)]
    if low > 3:
        enough = span(concat([characters, filled(characters, low, "")], axis=2), low - 1, low)
        result.append(replaced(wrapped, ops.not_(equals(ops.squeeze(enough, constant([2])), "")), ""))
    return concat(result)


def _ngrams(x: Var, low: int, high: int, between: str, axis: int = 1) -> Var:
    """All runs of `low` to `high` strings along the last axis, joined; x has "" only behind all others."""
    if high == 1:
        return concat([x, filled(x, 1, "")], axis)
    padded = concat([x, filled(x, high, "")], axis)
    result, run = [], span(padded, 0, 1 - high)
    for n in range(1, high + 1):
        if n > 1:
            last = span(padded, n - 1, n - high)
            run = ops.string_concat(ops.string_concat(run, constant(between)) if between else run, last)
        if n >= low:
            result.append(run if n == 1 else replaced(run, equals(last, ""), ""))
    return concat(result, axis)
