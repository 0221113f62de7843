"""Writes web/src/messages.ts: what the studio and its page say, from the Python records of `pellucid.studio`.

`make messages` runs it; a test compares the file with what this would write.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, get_args

import msgspec

from pellucid.studio import answers, frame, wishes

FILE = Path(__file__).parent / "src" / "messages.ts"
INTRODUCTION = """\
// Written by `make messages` from src/pellucid/studio/{wishes,answers,frame}.py; do not edit.
// What the studio and its page say to each other.
"""
ALIASES = ("Grain", "StageName")
UNIONS = ("Wish", "Answer")
PLAIN = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean"}

NAMES = {**vars(wishes), **vars(answers), **vars(frame)}
Schema = dict[str, Any]


def write() -> str:
    """The whole file."""
    records = [*get_args(wishes.Wish), *get_args(answers.Answer), frame.Frame]
    _, found = msgspec.json.schema_components([*records, answers.Uploaded], ref_template="{name}")
    blocks = [INTRODUCTION]
    blocks += [f"export type {name} = {_literals(name)};" for name in ALIASES]
    blocks += [_interface(name, found[name]) for name in _in_order(found)]
    blocks += [f"export type {name} = {_union(name)};" for name in UNIONS]
    return "\n\n".join(block.strip() for block in blocks) + "\n"


def _in_order(found: dict[str, Schema]) -> list[str]:
    """The records in the order of the Python file."""
    return [name for name in NAMES if name in found]


def _literals(name: str) -> str:
    return " | ".join(f'"{each}"' for each in get_args(NAMES[name]))


def _union(name: str) -> str:
    return " | ".join(each.__name__ for each in get_args(NAMES[name]))


def _interface(name: str, schema: Schema) -> str:
    doc = inspect.getdoc(NAMES[name]) or ""
    lines = [f" * {line}".rstrip() for line in doc.splitlines()]
    fields = [f"  {field}: {_type(each)};" for field, each in schema["properties"].items()]
    return "\n".join(["/**", *lines, " */", f"export interface {name} {{", *fields, "}"])


def _type(schema: Schema) -> str:
    """A JSON schema as a TypeScript type."""
    if "$ref" in schema:
        return str(schema["$ref"])
    if "enum" in schema:
        return _alias(" | ".join(f'"{each}"' for each in schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    kind = schema["type"]
    if kind == "array":
        inner = _type(schema["items"])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if kind == "object":
        return f"Record<string, {_type(schema['additionalProperties'])}>"
    return "null" if kind == "null" else PLAIN[kind]


def _alias(literals: str) -> str:
    """The name of a set of words, where it has one."""
    wanted = set(literals.split(" | "))
    known = {frozenset(_literals(each).split(" | ")): each for each in ALIASES}
    return known.get(frozenset(wanted), literals)


if __name__ == "__main__":
    FILE.write_text(write(), encoding="utf-8")
