"""A tree of explanations can be computed again from its leaves, and a wrong number is found."""

from dataclasses import replace

import pytest

from pellucid.errors import AddressError
from pellucid.explain.address import Address, read_address
from pellucid.explain.explanation import Check, Explanation, given
from pellucid.explain.export import export
from pellucid.explain.functions import FUNCTIONS, slope
from pellucid.explain.sums import fold_terms, keep_terms


def product(left: float, right: float) -> Explanation:
    parts = (given("a", left, "a"), given("w", right, "w"))
    return Explanation("a·w", left * right, "product", parts)


def test_a_sum_is_checked_against_its_parts():
    node = Explanation("z", 7.0, "sum", (product(2.0, 3.0), given("b", 1.0, "bias")))
    assert node.check() == Check(ok=True, value=7.0, recomputed=7.0, allowed=node.check().allowed)
    assert node.check_all() == []


def test_a_number_that_its_parts_do_not_give_is_found():
    node = Explanation("z", 7.1, "sum", (product(2.0, 3.0), given("b", 1.0, "bias")))
    assert [each.address for each, _ in node.check_all()] == ["z"]


def test_a_rounding_term_does_not_excuse_a_wrong_sum():
    parts = (given("a", 1.0, "a"), given("r", 5.0, "rounding", kind="rounding"))
    assert not Explanation("z", 6.0, "sum", parts).check().ok


def test_float32_rounding_is_allowed_and_no_more():
    node = Explanation("z", 0.1 + 1e-9, "sum", (given("a", 0.1, "a"),), epsilon=2.0**-23)
    assert node.check().ok
    assert not replace(node, epsilon=2.0**-52).check().ok


def test_a_finite_difference_that_disagrees_is_reported():
    wrong = Check(ok=False, value=1.0, recomputed=2.0, allowed=0.1, method="finite difference")
    node = Explanation("w.grad", 1.0, "sum", (given("a", 1.0, "a"),), probe=lambda: wrong)
    assert node.check() is wrong


def test_shared_parts_are_walked_once():
    shared = given("x", 1.0)
    node = Explanation("s", 0.0, "story", (shared, Explanation("t", 0.0, "story", (shared,))))
    assert [each.address for each in node.walk()] == ["s", "x", "t"]


def test_export_names_every_part_by_its_address():
    told = export(Explanation("z", 6.0, "sum", (product(2.0, 3.0),)))
    assert [each["address"] for each in told["nodes"]] == ["z", "a·w", "a", "w"]
    assert told["nodes"][0]["parts"] == [{"address": "a·w", "value": 6.0, "share": 1.0}]
    assert all(each["check"]["ok"] for each in told["nodes"])


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "identity"])
@pytest.mark.parametrize("z", [-1.3, 0.4, 2.0])
def test_slopes_agree_with_finite_differences(name, z):
    compute = FUNCTIONS[name].compute
    measured = (compute([z + 1e-6]) - compute([z - 1e-6])) / 2e-6
    assert slope(name, z, compute([z])) == pytest.approx(measured, abs=1e-8)


@pytest.mark.parametrize(
    ("words", "address"),
    [
        (["row:17"], Address(row=17)),
        (["@120"], Address(step=120)),
        (["row:2", "@LAST", "a", "b"], Address(row=2, place="a b", is_last=True)),
    ],
)
def test_addresses_are_read(words, address):
    assert read_address(words) == address


@pytest.mark.parametrize("words", [["row:0"], ["@0"], ["@x"], ["row:x", "hidden1"]])
def test_what_is_no_address_is_said_with_the_cure(words):
    with pytest.raises(AddressError, match="row:17 opens the prediction of row 17"):
        read_address(words)


def test_a_part_that_is_only_called_rounding_counts_like_any_other():
    parts = (given("a", 1.0, "rounding"), given("b", 2.0, "bias"))
    node = Explanation("z", 3.0, "sum", parts)
    assert node.check().ok
    assert [each.name for each in fold_terms(node, 5)] == ["rounding", "bias"]
    assert [each.name for each in fold_terms(node, 1)] == ["2 more"]
    assert [each.name for each in keep_terms(node, ["rounding"])] == ["rounding", "1 more"]
