"""Errors of the models package."""


class ModelError(Exception):
    """A model, checkpoint or encoder that cannot be used; the message says what to do."""
