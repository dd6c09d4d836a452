"""Spreadsheets and delimited text: tables, and where their headers stand."""
