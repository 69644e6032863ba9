"""List the recipes. To add one: make a Recipe (see recipe.py) in a module that is light to import, and name it here."""

from models.training.binding_recipe import BINDING
from models.training.closed_form_recipes import GCCA, PCA
from models.training.contrastive_recipe import CONTRASTIVE
from models.training.hybrid_recipe import HYBRID
from models.training.neighbourhood_recipe import NEIGHBOURHOOD
from models.training.options import OptionError
from models.training.recipe import Recipe

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (HYBRID, PCA, GCCA, CONTRASTIVE, BINDING, NEIGHBOURHOOD)
}


def recipe_named(name: str) -> Recipe:
    """Return a recipe; raises OptionError for one that there is not."""
    if name not in RECIPES:
        raise OptionError(f'"{name}" is no recipe: choose {", ".join(RECIPES)}')
    return RECIPES[name]
