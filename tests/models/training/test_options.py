"""What a recipe's options may be, and how they are typed."""

from dataclasses import fields

import pytest

from models.errors import ModelError
from models.training.binding_recipe import BindingOptions
from models.training.options import OptionError, Schedule, defaults_of, limits_of, read_options
from models.training.recipes import RECIPES, recipe_named


def test_typed_values_are_read_by_kind() -> None:
    typed = {"epochs": "7", "learning-rate": "1e-4", "text-and-image-twice": "yes", "dropout": "encoders"}
    assert read_options(BindingOptions, typed) == {
        "epochs": 7,
        "learning_rate": 1e-4,
        "text_and_image_twice": True,
        "dropout": "encoders",
    }
    assert read_options(BindingOptions, {"text_and_image_twice": "no"}) == {"text_and_image_twice": False}
    assert read_options(BindingOptions, {}) == {}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("epoch", "3", "no option"),
        ("epochs", "many", "whole number"),
        ("epochs", "2.5", "whole number"),
        ("epochs", "0", "1 or more"),
        ("learning-rate", "fast", "a number"),
        ("learning-rate", "nan", "finite"),
        ("learning-rate", "inf", "finite"),
        ("learning-rate", "-1", "0 or more"),
        ("validation-share", "1", "0.9 or less"),
        ("dropout", "some", "choose none, encoders, everywhere"),
        ("text-and-image-twice", "maybe", "yes or no"),
    ],
)
def test_wrong_options_are_one_line_that_names_them(name: str, text: str, said: str) -> None:
    with pytest.raises(OptionError, match=said) as caught:
        read_options(BindingOptions, {name: text})
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ModelError)


def test_every_option_of_every_recipe_is_explained_and_its_default_is_allowed() -> None:
    for recipe in RECIPES.values():
        recipe.options()
        assert list(limits_of(recipe.options)) == [one.name for one in fields(recipe.options)]
        assert all(limits.meaning for limits in limits_of(recipe.options).values())
        typed = {
            name: {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            for name, value in defaults_of(recipe.options).items()
        }
        assert read_options(recipe.options, typed) == defaults_of(recipe.options)
        assert (recipe.build is None) != (recipe.fit is None)
        assert issubclass(recipe.options, Schedule) == (recipe.build is not None)


def test_unknown_recipe_is_told_which_there_are() -> None:
    with pytest.raises(OptionError, match="choose hybrid, pca, gcca, contrastive"):
        recipe_named("transformer")


def test_network_options_have_the_defaults_of_the_network() -> None:
    from models.joint.binding import BindingConfig

    own, network = defaults_of(BindingOptions), {one.name: one.default for one in fields(BindingConfig)}
    shared = set(own) & set(network)
    assert shared == set(network) - {"widths"}
    assert {name: own[name] for name in shared} == {name: network[name] for name in shared}
