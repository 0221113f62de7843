"""Public tables as they are: what an honest person would decide for each of their columns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pellucid.data.preparation import Preparation
from pellucid.data.prepared_columns import CategoryColumn, NumberColumn
from pellucid.data.reading import read_table
from pellucid.data.split import split_rows
from pellucid.data.target import Target, usable_rows

# file, target, its kind and labels, columns left out, columns of numbers, columns of categories
TABLES = [
    ("penguins/penguins.csv", "species", "classes", ["Adelie", "Chinstrap", "Gentoo"],
     "", "bill_length_mm bill_depth_mm flipper_length_mm body_mass_g", "island sex"),
    ("titanic/titanic_train.csv", "Survived", "yes/no", ["no", "yes"],
     "PassengerId Name Ticket Cabin", "Pclass Age SibSp Parch Fare", "Sex Embarked"),
    ("titanic/titanic_seaborn.csv", "survived", "yes/no", ["no", "yes"],
     "", "pclass age sibsp parch fare",
     "sex embarked class who adult_male deck embark_town alive alone"),
    ("insurance/insurance.csv", "charges", "number", [],
     "", "age bmi children", "sex smoker region"),
    ("concrete/concrete.csv", "strength", "number", [],
     "", "cement slag ash water superplastic coarseagg fineagg age", ""),
    ("telco_churn/Telco-Customer-Churn.csv", "Churn", "yes/no", ["No", "Yes"],
     "customerID", "SeniorCitizen tenure MonthlyCharges TotalCharges",
     "gender Partner Dependents PhoneService MultipleLines InternetService OnlineSecurity "
     "OnlineBackup DeviceProtection TechSupport StreamingTV StreamingMovies Contract "
     "PaperlessBilling PaymentMethod"),
    ("california_housing/housing.csv", "median_house_value", "number", [],
     "", "longitude latitude housing_median_age total_rooms total_bedrooms population households "
     "median_income", "ocean_proximity"),
    ("mushrooms/mushrooms.csv", "type", "yes/no", ["e", "p"],
     "veil_type", "", "cap_shape cap_surface cap_color bruises odor gill_attachment gill_spacing "
     "gill_size gill_color stalk_shape stalk_root stalk_surface_above_ring "
     "stalk_surface_below_ring stalk_color_above_ring stalk_color_below_ring veil_color "
     "ring_number ring_type spore_print_color population habitat"),
    ("mpg/mpg.csv", "mpg", "number", [],
     "name", "cylinders displacement horsepower weight acceleration model_year", "origin"),
    ("taxis/taxis.csv", "payment", "yes/no", ["credit card", "cash"],
     "pickup dropoff", "passengers distance fare tip tolls total",
     "color pickup_zone dropoff_zone pickup_borough dropoff_borough"),
    ("diamonds/diamonds.csv", "price", "number", [],
     "", "carat depth table x y z", "cut color clarity"),
    ("energy_efficiency/ENB2012.csv", "Y1", "number", [],
     "", "X1 X2 X3 X4 X5 X6 X7 X8 Y2", ""),
    ("student/student-por.csv", "G3", "number", [],
     "", "age Medu Fedu traveltime studytime failures famrel freetime goout Dalc Walc health "
     "absences G1 G2", "school sex address famsize Pstatus Mjob Fjob reason guardian schoolsup "
     "famsup paid activities nursery higher internet romantic"),
]  # fmt: skip


@pytest.mark.parametrize("case", TABLES, ids=lambda case: case[0])
def test_kinds_of_real_columns(
    shared_data: Path, case: tuple[str, str, str, list[str], str, str, str]
) -> None:
    path, name, kind, labels, left_out, numbers, categories = case
    table = read_table(shared_data / path)
    target = Target.of(table, name)
    assert (target.kind, list(target.labels)) == (kind, labels)
    rows = usable_rows(table, name)
    split = split_rows(rows)
    preparation = Preparation.fit(table, split.train, name)
    by_kind = {"": left_out, "number": numbers, "category": categories}
    assert {column.name for column in preparation.left_out} == set(left_out.split())
    for wanted, record in (("number", NumberColumn), ("category", CategoryColumn)):
        named = {column.name for column in preparation.used if isinstance(column, record)}
        assert named == set(by_kind[wanted].split())
    inputs = preparation.inputs(table)
    assert inputs.shape == (len(table), len(preparation.input_names))
    assert np.isfinite(inputs).all()
    assert np.isfinite(target.fit(table, split.train).encode(table, rows)).all()


@pytest.mark.parametrize("case", TABLES, ids=lambda case: case[0])
def test_cells_agree_with_pandas(shared_data: Path, case: tuple[str, ...]) -> None:
    path = shared_data / case[0]
    theirs = pd.read_csv(path, sep=";" if "student-por" in case[0] else ",", na_values=["?", " "])
    table = read_table(path)
    assert table.columns == list(theirs.columns)
    assert len(table) == len(theirs)
    for column in table.data:
        series = theirs[column.name]
        np.testing.assert_array_equal(column.missing, series.isna().to_numpy())
        if column.numbers is not None:
            np.testing.assert_array_equal(column.numbers, series.to_numpy(dtype=float))
        else:
            wanted = series.astype(object).map(str)[~series.isna()].str.strip().tolist()
            assert [cell for cell in column.cells() if cell is not None] == wanted


def test_titanics_other_table_is_prepared_alike(shared_data: Path) -> None:
    """It lacks the target, and a fare is missing that never was in the training rows."""
    training = read_table(shared_data / "titanic" / "titanic_train.csv")
    rows = split_rows(usable_rows(training, "Survived")).train
    preparation = Preparation.fit(training, rows, "Survived")
    other = read_table(shared_data / "titanic" / "titanic_test.csv")
    assert np.isfinite(preparation.inputs(other)).all()
    told = preparation.warnings(other)
    assert len(told) == 1
    assert told[0].startswith("Fare is missing in 1 row, which no training row was")


def test_telcos_blanks_are_missing_numbers(shared_data: Path) -> None:
    table = read_table(shared_data / "telco_churn" / "Telco-Customer-Churn.csv")
    assert int(table.column("TotalCharges").missing.sum()) == 11


def test_tables_without_names_are_told(shared_data: Path) -> None:
    for name in ("abalone/abalone.csv", "pima/pima-indians-diabetes.csv"):
        with pytest.raises(ValueError, match="line 1: the first line must name the columns"):
            read_table(shared_data / name)
    with pytest.raises(
        ValueError, match=r"line 1: columns 2 and 3 are both called 'No'; .* holds values"
    ):
        read_table(shared_data / "restaurant" / "restaurant.csv")
    table = read_table(shared_data / "abalone" / "abalone.csv", header=False)
    assert len(table) == 4177
    assert Target.of(table, "c9").kind == "number"
    small = read_table(shared_data / "restaurant" / "restaurant.csv", header=False)
    assert Target.of(small, "c11").labels == ("No", "Yes")
    assert small.column("c5").missing.sum() == 0
