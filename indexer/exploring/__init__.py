"""Exploring: search, similar, explain and playlists over a stored library."""
