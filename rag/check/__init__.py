"""Does this quote say what this sentence claims? Pure: whoever has models hands them in."""
