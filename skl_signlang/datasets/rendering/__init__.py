"""Rendered data: hands and toy problems."""
