"""PDF: characters, lines, columns, tables, and pages that only OCR can read."""
