"""Name how a map can be laid out and what it can be coloured by; imports nothing, for a screen names them at once."""

JOINT = "joint"
"""The source that is the whole space; see `sources` for the others."""
NEIGHBOURS, PRINCIPAL = "tsne", "pca"
WAYS = (NEIGHBOURS, PRINCIPAL)
BY = ("cluster", "genre", "year", "album", "artist", "playlist")
CLUSTER = BY[0]
REST = "all others"
"""The class of those beyond the classes with a colour of their own."""
