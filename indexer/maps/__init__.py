"""Maps of a library in two dimensions: of the joint space, of a modality or of an encoder.

`sources` says what is laid out, `charts` makes and keeps the places, `clusters` finds and names groups, `page` writes a
map as one HTML file.
"""
