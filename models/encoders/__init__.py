"""One encoder a file: from text, picture, sound, graph or playlists to a vector."""
