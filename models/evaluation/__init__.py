"""Measure joint models: protocols, figures, baselines."""
