"""Take symmetric matrices apart on one thread.

Two BLAS threads wait for each other at every step of an eigendecomposition: on a machine that does anything else,
822 rows took .7 to 7.5 s on two threads and .1 s on one. Products of matrices do not suffer and keep all threads.
"""

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models.errors import ModelError


def eigen(matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the eigenvalues [n], rising, and the eigenvectors [n, n], in columns, of a symmetric matrix [n, n].

    Raises ModelError where there are none to be found, as for numbers near the end of float64.
    """
    try:
        with threadpool_limits(limits=1, user_api="blas"):
            values, vectors = np.linalg.eigh(matrix)
    except np.linalg.LinAlgError as error:
        raise ModelError("vectors too large or too unlike to calculate with: embed that modality again") from error
    return values, vectors
