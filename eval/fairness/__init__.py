"""Whether Footnote serves everybody alike: figures by slice, and the widest gap with its interval."""
