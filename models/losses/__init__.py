"""Losses: one a file, each a function of tensors that returns one number to make small.

Embeddings are float32 or float64 [n, d] and must be finite. The contrastive ones (info_nce, neighbour_positive,
supervised_contrastive, siglip) compare by cosine and scale the rows to unit length themselves; margin_contrastive and
hinge_ranking compare by Euclidean distance, skip_gram by inner product, of the rows as they come. A batch that has
nothing to learn from (no rows, no positives) gives zero with a gradient of zero, never NaN.
"""
