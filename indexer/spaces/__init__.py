"""The joint spaces of a library: kept, fitted, chosen, put to use, listed, exported."""
