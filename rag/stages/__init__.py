"""What happens to a question before it is searched for, and between two rounds of searching: one verb a file."""
