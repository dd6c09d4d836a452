"""A run's folder: what it holds, how it is written so that a killed run goes on, and how it is read."""
