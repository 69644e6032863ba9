"""Write the panes of an explanation: one file for the overview, one for each modality."""
