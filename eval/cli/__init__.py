"""The verbs of `footnote eval`, a file each; footnote.py makes one group of them."""
