"""The stages of an indexing run, in order: scan, read, playlists, graph, sound, embed, space."""
