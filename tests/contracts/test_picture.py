"""What `pellucid train students.csv --target passed` prints: order, words, calm, and sums."""

import re

import pytest

from pellucid.cli.main import run

# The picture, line by line; <…> stands for a figure that is this run's own.
PICTURE = r"""
students\.csv   1,250 rows · 4 inputs → passed \(yes \d+ %, no \d+ %\)
split          1,000 to learn from, 125 to choose the best epoch, 125 never seen
steps          1,000 ÷ 100 = 10 an epoch × 50 epochs = 500
method         binary cross-entropy · Adam · learning rate 0\.03 · seed 0

  step      1     10     50    100    500
  loss(   \d\.\d\d){5}
  epoch \d+ of 50 is kept: it was best on the 125 rows for choosing

  hours_studied ─┐
  sleep_hours   ─┤   hidden1         output
  prev_score    ─┼─  5 × ReLU   ──   sigmoid → passed
  attendance    ─┘   25 numbers      6 numbers        31 learned

On the 125 rows never seen          right
  always "no"                       \d\d %
  one neuron, no hidden layer       \d\d %
  this network                      \d\d %   \(95 %: \d\d to \d\d\)

Row 1, opened   10 h, 7 h, 75, 80
  [−\d.+ ]+ = −?\d+\.\d+   \(\d of 5 neurons (is|are) off\)
  sigmoid\(−?\d+\.\d+\) = 0\.\d+ → \d\d % yes\. Truth: yes\. Loss \d\.\d\d\d   ✓ adds up

Kept in runs/students-1 \(\d+\.\d s\)\. Next:
  pellucid predict students-1 hours_studied=10 sleep_hours=7 …
  pellucid show students-1 row:1        every number behind that \d\d %
  pellucid studio students-1            watch it learn, rewind it
""".strip("\n").splitlines()


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The lines that the command prints, run once in an empty folder."""
    folder = tmp_path_factory.mktemp("picture")
    with pytest.MonkeyPatch.context() as patch, open_capture() as told:
        patch.chdir(folder)
        assert run(["examples", "students"]) == 0
        told.clear()
        assert run(["train", "students.csv", "--target", "passed"]) == 0
        return told.lines()


class open_capture:  # noqa: N801 (a context manager, used like a function)
    """Standard output as a list of lines."""

    def __enter__(self):
        import contextlib  # noqa: PLC0415 (only here)
        import io  # noqa: PLC0415

        self.buffer = io.StringIO()
        self.redirect = contextlib.redirect_stdout(self.buffer)
        self.redirect.__enter__()
        return self

    def __exit__(self, *error):
        self.redirect.__exit__(*error)

    def clear(self):
        self.buffer.seek(0)
        self.buffer.truncate()

    def lines(self):
        return self.buffer.getvalue().splitlines()


def test_every_line_is_the_pictures(printed):
    for number, (line, wanted) in enumerate(zip(printed, PICTURE, strict=False), start=1):
        assert re.fullmatch(wanted, line), f"line {number}: {line!r} is not {wanted!r}"
    assert len(printed) == len(PICTURE)


def test_it_fits_the_screen(printed):
    assert max(map(len, printed)) <= 80
    assert len(printed) + 1 <= 30  # the command stands above


def test_no_colour_codes_when_piped(printed):
    assert "\x1b" not in "".join(printed)


def test_every_sum_adds_up(printed, reader):
    equations = reader.equations("\n".join(printed))
    assert [each for each in equations if not each.holds] == []
    kept = [each.left for each in equations]
    assert "1000 / 100" in kept
    assert "10   * 50" in kept or any(re.fullmatch(r"10\s+\*\s+50", each) for each in kept)
    assert any(each.startswith("sigmoid(") for each in kept)
    assert len(equations) == 4  # two of steps, the deciding sum, the sigmoid


def test_what_follows_from_a_figure_follows_from_its_digits(printed):
    """Per cent and loss are those of the probability as it is printed."""
    import math  # noqa: PLC0415 (only here)

    line = next(each for each in printed if "sigmoid(" in each)
    chance = float(re.search(r"= (0\.\d+)", line)[1])
    assert f"→ {100 * chance:.0f} % yes" in line
    assert f"Loss {-math.log(chance):.3f}" in line


def test_the_network_is_counted_right(printed):
    text = "\n".join(printed)
    numbers = [int(each) for each in re.findall(r"(\d+) numbers", text)]
    assert numbers == [4 * 5 + 5, 5 + 1]
    assert f"{sum(numbers)} learned" in text


def test_shares_add_up_to_a_hundred(printed):
    assert sum(int(each) for each in re.findall(r"(\d+) %", printed[0])) == 100


def test_the_network_earns_its_hidden_layer(printed):
    rights = [int(re.search(r"(\d+) %", each)[1]) for each in printed[15:18]]
    assert rights == sorted(rights)
    assert rights[2] - rights[1] >= 5
