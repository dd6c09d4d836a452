"""A question set made harder in one way at a time, and what each way costs."""
