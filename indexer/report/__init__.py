"""Report on a library: what its spaces find, miss and crowd (`indexer.report.library`), and which space to adopt.

Only what the indexing run needs is named here, so that it does not load the rest.
"""

from indexer.report.adoption import Measured, measure

__all__ = ["Measured", "measure"]
