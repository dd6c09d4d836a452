"""Which sentences of the passages answer a question, and how likely it is that any does."""
