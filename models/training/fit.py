"""Train a recipe in memory, without a folder: what an evaluation does once a fold."""

from collections.abc import Mapping
from typing import Any

from models.dataset import Dataset
from models.joint.model import Fit, JointModel
from models.training.options import Schedule
from models.training.recipe import Recipe


def fitting(recipe: Recipe, values: Mapping[str, Any] | None = None, *, device: str = "cpu") -> Fit:
    """Return what makes the recipe's model of training tracks and a seed; `values` are options by field name.

    Raises OptionError for options that the recipe does not have; what it returns raises ModelError for data that the
    recipe can learn nothing from.
    """
    options = recipe.options(**(values or {}))

    def fit(dataset: Dataset, seed: int) -> JointModel:
        if recipe.fit is not None:
            return recipe.fit(dataset, options, seed)
        from models.training.loop import Trainer

        if recipe.build is None or not isinstance(options, Schedule):
            raise TypeError(f"the recipe {recipe.name} has neither fit nor build with a Schedule")
        trainer = Trainer(recipe.build(dataset, options, seed, device), options, seed=seed, device=device)
        for _ in trainer.run():
            pass
        return trainer.task.model()

    return fit
