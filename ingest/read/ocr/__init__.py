"""Print in pictures, by PP-OCR's networks."""
