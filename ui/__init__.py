"""The Streamlit front end: a client of the HTTP API and of nothing else."""
