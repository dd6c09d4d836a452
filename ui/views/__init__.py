"""The screens: each draws from the session and the API, and turns clicks into changes of the session."""
