"""Show runs to people: a page with plots for one, a table or a page for several. Measures nothing itself."""
