"""Questions made from documents by a program: easier, and less like people's."""
