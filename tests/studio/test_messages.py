"""What the studio and its page say: the page's types are those of the Python records."""

import runpy
from pathlib import Path

import msgspec
import pytest

from pellucid.studio import answers, wishes

ROOT = Path(__file__).parents[2]


def test_the_types_of_the_page_are_those_of_the_records() -> None:
    written = runpy.run_path(str(ROOT / "web/messages.py"))["write"]()
    assert (ROOT / "web/src/messages.ts").read_text("utf-8") == written, (
        "run `make messages` and commit web/src/messages.ts"
    )


@pytest.mark.parametrize(
    ("text", "record"),
    [
        (b'{"kind":"look"}', wishes.Look()),
        (b'{"kind":"play","speed":60}', wishes.Play(speed=60.0)),
        (b'{"kind":"go","step":null}', wishes.Go(step=None)),
        (b'{"kind":"step","by":-1,"grain":"epoch"}', wishes.Step(by=-1, grain="epoch")),
        (b'{"kind":"type","cells":{"a":"1"}}', wishes.TypeRow(cells={"a": "1"})),
    ],
)
def test_what_a_page_says_is_understood(text: bytes, record: wishes.Message) -> None:
    read = msgspec.json.decode(text, type=wishes.Wish)
    assert read == record
    assert msgspec.json.decode(msgspec.json.encode(read), type=wishes.Wish) == record


@pytest.mark.parametrize(
    "text", [b"{}", b'{"kind":"play","speed":"fast"}', b'{"kind":"step","by":1,"grain":"year"}']
)
def test_anything_else_is_not(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=wishes.Wish)


def test_numbers_that_ran_away_are_null() -> None:
    proof = answers.Proof(
        ok=True, value=float("nan"), recomputed=1.0, allowed=0.0, method="parts", sentence=""
    )
    assert b'"value":null' in msgspec.json.encode(proof)
