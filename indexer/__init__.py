"""indexer: from files on disk to a searchable library. Knows no screen. Importing it imports nothing heavy."""
