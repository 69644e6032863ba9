"""Train joint models: recipes, batches, the loop, and what a run leaves on disk."""
