"""models: tensors and their meaning. Knows no files of music, no SQL, no screen. Importing it imports nothing heavy."""
