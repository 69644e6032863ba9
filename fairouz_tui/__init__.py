"""fairouz-tui: what a person touches, the command line and the terminal explorer."""
