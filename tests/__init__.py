"""The tests, laid out as the packages that they test; what several of them share stands beside them."""

import pytest

pytest.register_assert_rewrite("tests.fairouz_tui", "tests.indexer", "tests.models")  # a shared check shows its values
