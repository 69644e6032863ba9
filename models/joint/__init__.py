"""The joint space and how it is fitted."""
