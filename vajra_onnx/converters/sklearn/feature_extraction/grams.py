"""From texts to the words or characters that are counted, and their n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from spox import Var

from ....errors import UnsupportedError
from ....frames.missing import MARK
from ....graph import contrib, ops
from ....graph.block import Block
from ....graph.text.arrangement import compacted, equals, filled, look_up, replaced, span
from ....graph.values import cast, concat, constant
from .characters import preprocessed
from .ngrams import Columns, Runs, Texts
from .patterns import matching, ranges, translate

Vectorizer: TypeAlias = CountVectorizer | HashingVectorizer


def grams(model: Vectorizer, block: Block) -> Var:
    """What `build_analyzer()` returns for each text, in no particular order: [N, M], "" where there is none."""
    return _analysed(model, block, Texts(" " if model.analyzer == "word" else ""))


def columns_of_grams(model: CountVectorizer, block: Block) -> Var:
    """The column of each of the `grams` in the vocabulary, int64 [N, M]: its size for those that are not in it."""
    columns = {term: int(index) for term, index in model.vocabulary_.items()}
    words = model.analyzer == "word"
    low, high = model.ngram_range
    if words and high > 1 and " " in translate(model.token_pattern).letters:
        # The blanks of a term may be within its words.
        return look_up(grams(model, block), {term: i for term, i in columns.items() if term}, len(columns))
    terms = {tuple(_units(term, words, high)): column for term, column in columns.items()}
    possible = {units: column for units, column in terms.items() if low <= len(units) <= high and all(units)}
    return _analysed(model, block, Columns(possible, columns))


def _units(term: str, words: bool, high: int) -> Sequence[str]:
    if not words:
        return term
    return term.split(" ") if high > 1 else [term]


def _analysed(model: Vectorizer, block: Block, runs: Runs) -> Var:
    _refuse(model, block)
    text = ops.squeeze(block.parts[0].var, constant([1]))
    if model.analyzer == "word":
        return _words(model, text, runs)
    text = preprocessed(text, model.lowercase, model.strip_accents or None)
    return _characters(model, text, runs) if model.analyzer == "char" else _characters_of_words(model, text, runs)


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


def _words(model: Vectorizer, text: Var, runs: Runs) -> Var:
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
    units = runs.units(tokens)
    if keep:
        kept = keep[0] if len(keep) == 1 else ops.and_(*keep)
        if high == 1:
            units = ops.where(kept, units, constant(runs.none))
        else:
            units = compacted(units, ops.and_(kept, ops.not_(equals(tokens, ""))), runs.none)
    return runs.of(units, low, high)


def _characters(model: Vectorizer, text: Var, runs: Runs) -> Var:
    """Source: `_char_ngrams`. Of two or more white spaces in a row one blank is left."""
    characters = contrib.characters(text)
    white = cast(look_up(characters, dict.fromkeys(matching(r"\s"), 1), 0), np.bool_)
    none = filled(white, 1, np.bool_(False))
    before, after = span(concat([none, white]), 0, -1), span(concat([white, none]), 1, 0)
    blanks = ops.where(ops.and_(white, after), runs.unit(" "), runs.units(characters))
    return runs.of(compacted(blanks, ops.not_(ops.and_(white, before)), runs.none), *model.ngram_range)


def _characters_of_words(model: Vectorizer, text: Var, runs: Runs) -> Var:
    """Source: `_char_wb_ngrams`. A word, with a blank at each end, that is shorter than all n-grams counts once."""
    low, high = model.ngram_range
    words = contrib.tokens(text, ranges(matching(r"\S")) + "+")
    words = concat([words, filled(words, 1, "")])
    blank = constant(" ")
    wrapped = replaced(ops.string_concat(ops.string_concat(blank, words), blank), equals(words, ""), "")
    characters = contrib.characters(wrapped)
    flat = constant([0, -1])
    result = [ops.reshape(runs.of(runs.units(characters), low, high), flat)]
    if low > 3:
        enough = span(concat([characters, filled(characters, low, "")], axis=2), low - 1, low)
        short = replaced(wrapped, ops.not_(equals(ops.squeeze(enough, constant([2])), "")), "")
        result.append(runs.whole(short))
    return concat(result)
