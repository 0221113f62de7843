"""Who is let in, and what a stranger, a broken table or a hostile name can do: nothing."""

import json
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.studio.pages import Studio
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pellucid.studio import uploads

CSV = b"a,b,passed\n" + b"".join(
    b"%d,%d,%s\n" % (i, i * i % 7, [b"yes", b"no"][i % 2]) for i in range(40)
)


def test_the_address_that_is_printed_lets_a_browser_in(studio: Studio) -> None:
    path = f"/?token={studio.admits.token}&show=1"
    status, _, headers = studio.ask("GET", path, Cookie="")
    assert (status, headers["location"]) == (303, "/?show=1")
    cookie = headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    status, body, headers = studio.ask("GET", "/", Cookie=cookie.split(";")[0])
    assert (status, body) == (200, b"<title>the page</title>")
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": ""},
        {"Cookie": "pellucid-1=x"},
        {"Cookie": "other=\x01;;="},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_strangers_see_nothing(studio: Studio, headers: dict[str, str]) -> None:
    for method, path in (("GET", "/"), ("POST", "/tables")):
        status, body, _ = studio.ask(method, path, b"" if method == "POST" else None, **headers)
        assert status == 403
        assert b"the page" not in body


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("?token=guess", {}),
        ("?token={token}", {"Origin": "https://evil.example"}),
        ("?token={token}", {"Origin": "http://127.0.0.1:1"}),
    ],
)
def test_the_socket_is_closed_to_strangers(
    studio: Studio, query: str, headers: dict[str, str]
) -> None:
    with pytest.raises(InvalidStatus):
        studio.connect(query.format(token=studio.admits.token), **headers)


def test_the_studios_own_page_may_speak(studio: Studio) -> None:
    origin = f"http://127.0.0.1:{studio.admits.port}"
    assert studio.page(Origin=origin).look()["step"] == 1


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/page/../../secret.txt",
        "//secret.txt",
    ],
)
def test_paths_stay_in_the_page(studio: Studio, path: str) -> None:
    status, body, _ = studio.ask("GET", path)
    assert status == 404
    assert body != b"secret"


@pytest.mark.parametrize(
    "name", ["../page", "..", ".", "runs/../../page", "/etc", ".hidden", "\x00", "a\\b"]
)
def test_names_of_runs_are_no_paths(studio: Studio, name: str) -> None:
    assert studio.page().look(run=name)["run"] == "first"


def test_a_table_that_is_sent_can_be_learnt_from(studio: Studio) -> None:
    status, body, _ = studio.ask("POST", "/tables?name=marks.csv", CSV)
    assert status == 200
    told = json.loads(body)
    assert (told["rows"], told["columns"], told["target"]) == (40, ["a", "b", "passed"], "passed")
    page = studio.page()
    page.look()
    scene = page.ask("begin", table=told["table"], target="passed")
    assert scene["sentence"] == "This network learns to predict passed from 32 rows."
    assert page.until("frame")["run"] == scene["run"]
    assert "no column 'x'" in page.ask("begin", table=told["table"], target="x")["message"]
    assert "Which column" in page.ask("begin", table=told["table"])["message"]


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "<script>alert(1)</script>.csv", "a\x00b", "", "…", "x.exe"]
)
def test_names_of_files_are_words_only(studio: Studio, place: Path, name: str) -> None:
    before = sorted(place.rglob("*.csv"))
    status, body, _ = studio.ask("POST", f"/tables?name={quote(name)}", CSV)
    assert status == 200
    assert "/" not in json.loads(body)["name"]
    page = studio.page()
    page.look()
    assert page.ask("begin", table=json.loads(body)["table"], target="passed")["kind"] == "scene"
    page.play_to_the_end()
    assert sorted(place.rglob("*.csv")) == before
    kept = [each.name for each in (place / "runs").iterdir() if not each.name.startswith(".")]
    assert len(kept) == 1
    assert not set("<>/\\\x00") & set(kept[0])


def test_hostile_cells_and_columns_come_as_they_are(studio: Studio) -> None:
    rows = "".join(
        f'"{each}",{place},{place % 2}\n' for place, each in enumerate(["<b>x</b>", "&amp;"] * 30)
    )
    body = f'"<script>alert(1)</script>","a ""quoted"" name",y\n{rows}'.encode()
    told = json.loads(studio.ask("POST", "/tables?name=t.csv", body)[1])
    page = studio.page()
    page.look()
    scene = page.ask("begin", table=told["table"], target="y")
    assert scene["columns"][0]["name"] == "<script>alert(1)</script>"
    assert scene["rows"][0]["cells"][0] == "<b>x</b>"
    for each in scene["inputs"]:
        opened = page.ask("explain", address=f"row:1 {each['address']}")
        assert opened["kind"] == "explained", opened


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff\xfe", b"a,b\n1\n", b"PAR1 no parquet", b'"', b"x" * 5000]
)
def test_broken_tables_are_refused_in_a_sentence(studio: Studio, body: bytes) -> None:
    status, told, _ = studio.ask("POST", "/tables?name=marks.csv", body)
    message = json.loads(told)["message"]
    assert status == 422
    assert tempfile.gettempdir() not in message
    assert "pellucid-" not in message


def test_too_much_is_refused(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 100)
    status, body, _ = studio.ask("POST", "/tables?name=marks.csv", CSV)
    assert status == 413
    assert json.loads(body)["kind"] == "failed"


def test_what_is_no_wish_harms_nobody(studio: Studio) -> None:
    page = studio.page()
    for text in ("", "[]", "null", '{"kind":"go"}', '{"kind":"explain","id":"x"}', "[" * 5000):
        page.socket.send(text)
        assert "no wish" in page.until("failed")["message"]
    assert page.look()["step"] == 1


def test_bytes_end_the_page_that_sends_them_and_no_other(studio: Studio) -> None:
    page, other = studio.page(), studio.page()
    page.socket.send(b"\x00")
    with pytest.raises(ConnectionClosed):
        page.hear()
    assert other.look()["step"] == 1
