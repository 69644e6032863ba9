"""Name the encoders of the embedded profile without loading any of them.

An id is name@revision and is stored with every vector; the revision rises whenever what an encoder gives changes.
"""

AUDIO_ENCODER = "fairouz-audio@2"
TEXT_ENCODER = "all-MiniLM-L6-v2@53aa51172d14"
"""The revision is the beginning of the weights' SHA-256."""
COVER_ENCODER = "fairouz-cover@1"
GRAPH_ENCODER = "randne-hash@1"
COLLABORATIVE_ENCODER = "playlist-hash@1"

ENCODERS = (AUDIO_ENCODER, TEXT_ENCODER, COVER_ENCODER, GRAPH_ENCODER, COLLABORATIVE_ENCODER)
"""Another set means that something is to be embedded again."""
