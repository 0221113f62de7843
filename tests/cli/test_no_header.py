"""Tables without a line of names: `--no-header` is kept by the run, the model and `predict`."""

import json

import pytest

import pellucid

ROWS = [f"{'ham' if i % 3 else 'spam'},{i % 7},{(i * 5) % 11}" for i in range(60)]


@pytest.fixture
def messages(tmp_path):
    path = tmp_path / "messages.csv"
    path.write_text("\n".join(ROWS) + "\n")
    return path


def test_the_first_line_is_a_row(terminal, messages):
    said = terminal("train", messages, "--no-header", "--target", "c1", "--epochs", 2, "--json")
    assert said.code == 0
    assert said.complaint == ""
    assert sum(json.loads(said.out)["rows"].values()) == 60
    told = json.loads(terminal("predict", messages, "--json").out)
    assert len(told["predictions"]) == 60


def test_what_predict_writes_is_read_again(terminal, messages, tmp_path):
    terminal("train", messages, "--no-header", "--target", "c1", "--epochs", 2, "--quiet")
    assert terminal("predict", messages, "--out", "answers.csv").code == 0
    assert (tmp_path / "answers.csv").read_text().startswith("c1,c2,c3,predicted c1,")
    first = json.loads(terminal("predict", messages, "--json").out)["predictions"]
    again = tmp_path / "again.csv"
    again.write_text("c1,c2,c3\n" + messages.read_text())
    assert json.loads(terminal("predict", again, "--json").out)["predictions"] == first


def test_a_typed_row_uses_the_counted_names(terminal, messages):
    terminal("train", messages, "--no-header", "--target", "c1", "--epochs", 2, "--quiet")
    assert terminal("predict", "c2=3", "c3=4").code == 0
    assert terminal("show", "row:60").out.startswith("Row 60 of messages.csv: ")


def test_a_first_line_that_may_be_a_row_is_noted(terminal, tmp_path):
    path = tmp_path / "sms.tsv"
    path.write_text(
        "ham\twords\n" + "".join(f"{'ham' if i % 3 else 'spam'}\t{i % 5}\n" for i in range(40))
    )
    said = terminal("train", path, "--target", "ham", "--epochs", 2, "--quiet")
    assert said.code == 0
    assert said.complaint.startswith(
        "Note: The first line of sms.tsv was taken for names, and 'ham'"
    )
    assert "--no-header" in said.complaint


def test_the_model_keeps_it_in_python(messages, tmp_path):
    model = pellucid.fit(messages, "c1", header=False, epochs=2)
    model.save(tmp_path / "m.safetensors")
    assert len(pellucid.load(tmp_path / "m.safetensors").predict(messages)) == 60
    assert model.evaluate(messages).rows == 60
