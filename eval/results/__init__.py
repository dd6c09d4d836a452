"""The sets that Footnote is measured on, and docs/results.md, which is made of their runs."""
