"""Arrow columns turned into ours: what CSV, Parquet and the frames of other libraries become.

The buffers are read directly, because pyarrow's own way to numpy imports pandas where that is
installed, which takes longer than everything else here.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa

from pellucid.data.cells import cell_column, number_column, text_column
from pellucid.data.table import Column, Table, checked
from pellucid.errors import ColumnError, TableError

_NUMPY_TYPES = {
    pa.int8(): np.int8, pa.int16(): np.int16, pa.int32(): np.int32, pa.int64(): np.int64,
    pa.uint8(): np.uint8, pa.uint16(): np.uint16, pa.uint32(): np.uint32, pa.uint64(): np.uint64,
    pa.float16(): np.float16, pa.float32(): np.float32, pa.float64(): np.float64,
}  # fmt: skip
_EXACT_INTEGERS = 2**53
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")


def read_parquet(data: bytes, source: str) -> Table:
    """A table from the bytes of a Parquet file.

    Raises:
        TableError: if the file is damaged or holds cells that are neither numbers nor texts.
    """
    from pyarrow import parquet  # noqa: PLC0415 - only who reads Parquet waits for it

    try:
        frame = parquet.read_table(pa.py_buffer(data))
    except (pa.ArrowException, OSError) as error:
        raise TableError(
            f"{source} is damaged or no Parquet file ({_first_line(error)}); write it again."
        ) from error
    return _table(frame, source)


def read_frame(frame: Any) -> Table:
    """A table from another library's frame, through the Arrow PyCapsule interface.

    Raises:
        TableError: if a column mixes numbers and texts or holds neither.
    """
    source = f"the {type(frame).__module__.lstrip('_').partition('.')[0]} frame"
    try:
        arrow = pa.RecordBatchReader.from_stream(frame).read_all()
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise TableError(
            f"{source} cannot be handed over as Arrow ({_first_line(error)}); "
            f"make the cells of each column all numbers or all texts."
        ) from error
    return _table(arrow, source)


def _table(frame: Any, source: str) -> Table:
    columns = []
    for name, cells in zip(map(str, frame.column_names), frame.columns, strict=True):
        # pandas hands over its row labels as a column; one that has a name stays.
        if not _PANDAS_INDEX.fullmatch(name):
            try:
                columns.append(arrow_column(name, cells))
            except ColumnError as error:
                raise TableError(f"{source}: {error}") from error
    return checked(Table(tuple(columns), source))


def _first_line(error: Exception) -> str:
    lines = "; ".join(map(str, error.args)).strip().splitlines()
    return lines[0].rstrip(".") if lines else "no reason given"


def arrow_column(name: str, chunked: Any, *, decimal_comma: bool = False) -> Column:
    """One of our columns from an Arrow column.

    Args:
        name: what the column is called.
        chunked: a pyarrow ChunkedArray of numbers, texts, True and False, dates or times.
        decimal_comma: whether the text 1,5 is a number.

    Raises:
        ColumnError: if its cells are none of these, for example lists.
    """
    kind = chunked.type
    if pa.types.is_null(kind):
        return Column(name, codes=np.full(len(chunked), -1, dtype=np.int32))
    if kind in _NUMPY_TYPES:
        return _numbers(name, chunked, _NUMPY_TYPES[kind])
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise ColumnError(
            f"Column '{name}' holds cells of the type {kind}, which are neither numbers nor texts; "
            f"leave the column out or turn its cells into numbers or texts."
        )
    if pa.types.is_dictionary(kind) and _is_text(kind.value_type) and kind.index_type == pa.int32():
        return _dictionary_column(name, chunked, decimal_comma=decimal_comma)
    cells = _times(chunked) if pa.types.is_timestamp(kind) else chunked.to_pylist()
    return _text(name, cells, decimal_comma=decimal_comma)


def _numbers(name: str, chunked: Any, kind: Any) -> Column:
    values = _concatenate([_values(chunk, kind) for chunk in chunked.chunks])
    missing = _concatenate([_missing(chunk) for chunk in chunked.chunks]).astype(bool)
    if values.dtype.kind in "iu" and np.any(_is_too_long(values) & ~missing):
        return cell_column(name, chunked.to_pylist())
    numbers = values.astype(np.float64)
    numbers[missing] = np.nan
    return number_column(name, numbers)


def _times(chunked: Any) -> list[str | None]:
    """Dates with times as text, to the second; nothing that learns reads them yet."""
    times = []
    for chunk in chunked.chunks:
        texts = np.datetime_as_string(_values(chunk, f"M8[{chunk.type.unit}]"), unit="s").tolist()
        missing = _missing(chunk)
        times += [None if missing[row] else text for row, text in enumerate(texts)]
    return times


def _is_too_long(values: Any) -> Any:
    return (values > _EXACT_INTEGERS) | (values < -_EXACT_INTEGERS)


def _is_text(kind: Any) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _text(name: str, cells: list[Any], *, decimal_comma: bool) -> Column:
    if not all(cell is None or isinstance(cell, str) for cell in cells):
        return cell_column(name, cells)
    seen: dict[str, int] = {}
    codes = [-1 if cell is None else seen.setdefault(cell, len(seen)) for cell in cells]
    return text_column(
        name, tuple(seen), np.array(codes, dtype=np.int32), decimal_comma=decimal_comma
    )


def _dictionary_column(name: str, chunked: Any, *, decimal_comma: bool) -> Column:
    chunks = chunked.unify_dictionaries().chunks
    parts = []
    for chunk in chunks:
        codes = _values(chunk.indices, np.int32).copy()
        codes[_missing(chunk.indices)] = -1
        parts.append(codes)
    levels = chunks[0].dictionary.to_pylist() if chunks else []
    return text_column(name, levels, _concatenate(parts), decimal_comma=decimal_comma)


def _concatenate(parts: list[Any]) -> Any:
    return np.concatenate(parts) if parts else np.empty(0)


def _values(array: Any, kind: Any) -> Any:
    """The cells of one chunk without their validity: a view of its buffer."""
    values = np.frombuffer(array.buffers()[1] or b"", dtype=kind)
    return values[array.offset : array.offset + len(array)]


def _missing(array: Any) -> Any:
    """Which cells of one chunk are missing: shape (rows,), bool."""
    validity = array.buffers()[0]
    if validity is None or array.null_count == 0:
        return np.zeros(len(array), dtype=bool)
    bits = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)] == 0
