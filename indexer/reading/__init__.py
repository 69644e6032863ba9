"""Reading: what one file, folder or playlist on disk says."""
