"""Storing: SQLite is the truth, faiss its shadow."""
