"""Words of which only one can hold, in rows and in sentences, and totals told in several ways."""

import pytest

from tests.skills.test_disagreements import conflicts

TABLE = "| Service | Weekdays | Sundays | Note |\n|---|---|---|---|\n"


def asked(one: str, other: str) -> list[set[str]]:
    return [{side["value"] for side in found["sides"]} for found in conflicts(one, other)]


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        (
            f"{TABLE}| Pickup of parcels | ✅ | ❌ | From the shop |\n",
            f"{TABLE}| Pickup of parcels | ✅ | ✅ | From the shop |\n",
            {"❌", "✅"},
        ),
        (
            f"{TABLE}| Pickup of parcels | Yes | No | From the shop |\n",
            f"{TABLE}| Pickup of parcels | Yes | ✓ | From the shop |\n",
            {"No", "✓"},
        ),
        (
            f"{TABLE}| Late pickup | Gold | Gold | For shops in the old town |\n",
            f"{TABLE}| Late pickup | Silver | Gold | For shops in the old town |\n",
            {"Gold", "Silver"},
        ),
        (
            "The hall is heated all winter for the children.",
            "The hall is not heated all winter for the children.",
            {
                "The hall is heated all winter for the children",
                "The hall is not heated all winter for the children",
            },
        ),
        (
            "Photos of the dishes are optional when you list a kitchen.",
            "Photos of the dishes are required when you list a kitchen.",
            {
                "Photos of the dishes are optional when you list a kitchen",
                "Photos of the dishes are required when you list a kitchen",
            },
        ),
        (
            "## Do you deliver to hostels?\n\nNot yet.",
            "## Do you deliver to hostels?\n\nYes, on weekdays.",
            {"Not yet", "Yes"},
        ),
        ("- Head office: Nashik", "- Head office: Surat", {"Nashik", "Surat"}),
        ("## Licence\n\nMIT.", "## Licence\n\nDistributed under the GNU General Public License v2.0.",
         {"MIT", "GNU General Public License v2.0"}),
    ],
)  # fmt: skip
def test_two_documents_choose_otherwise(one: str, other: str, values: set[str]) -> None:
    assert asked(one, other) == [values]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (  # another service
            f"{TABLE}| Pickup of parcels | ✅ | ❌ | From the shop |\n",
            f"{TABLE}| Delivery of parcels | ✅ | ✅ | To the door |\n",
        ),
        (  # a list that grows
            f"{TABLE}| Late pickup | Gold | Gold | Pune |\n",
            f"{TABLE}| Late pickup | Gold | Gold | Pune, Surat and Nashik, soon |\n",
        ),
        (  # another name
            "The Annapurna hall is heated all winter for the children.",
            "The Everest hall is not heated all winter for the children.",
        ),
        (  # what was
            "The hall was not heated all winter for the children.",
            "The hall is heated all winter for the children.",
        ),
        (  # labels that name nothing, and a label of many values
            "- Example: a blue kurta\n- Colour: red\n- Colour: blue",
            "- Example: a red kurta\n- Colour: green",
        ),
        (  # goods of a list, each as it is
            f"{TABLE}| Kurta | Red | Cotton | Made to measure |\n| Kurta | Green | Cotton | Plain |\n",
            f"{TABLE}| Kurta | Blue | Cotton | Made to measure |\n",
        ),
        (  # another question
            "## Do you deliver to hostels?\n\nNot yet.",
            "## Do you deliver to schools?\n\nYes, on weekdays.",
        ),
    ],
)
def test_what_only_looks_like_another_choice(one: str, other: str) -> None:
    assert asked(one, other) == []


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        ("87 recipes.", "100 recipes.", {"87", "100"}),
        ("## Recipes (87)", "Our book has 100 recipes for the home.", {"87", "100"}),
        ("Ours is the book of thirteen recipes.", "Fourteen recipes in one book.",
         {"thirteen", "Fourteen"}),
        ("## Three ways to bake bread", "## Two ways to bake bread", {"Three", "Two"}),
        (
            "| What | How many |\n|---|---|\n| Recipes | 87 |\n",
            "The book holds 100 recipes in all.",
            {"87", "100"},
        ),
        (
            "| Kind | Recipes |\n|---|---|\n| Soups and stews | 7 |\n",
            "| Kind | Level | Recipes |\n|---|---|---|\n| Soups and stews | easy | 9 |\n",
            {"7", "9"},
        ),
    ],
)  # fmt: skip
def test_what_is_counted_is_told_in_many_ways(one: str, other: str, values: set[str]) -> None:
    assert asked(one, other) == [values]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("## Soups (4 recipes)", "The book holds 100 recipes in all."),
        ("One of 32 recipes from the valley.", "The book holds 100 recipes in all."),
        (
            "The book holds 100 recipes. 12 recipes are soups. 100 recipes in one book.",
            "There are 100 recipes in it. 30 recipes are breads.",
        ),
    ],
)
def test_a_part_is_no_other_total(one: str, other: str) -> None:
    assert asked(one, other) == []


def test_a_figure_in_a_line_too_long_to_be_a_statement_is_compared() -> None:
    rest = " · ".join(f"course {chr(97 + n)} of the long winter programme" for n in range(26))
    assert asked(f"- 40 courses in all · {rest}", f"- 55 courses in all · {rest}") == [{"40", "55"}]
