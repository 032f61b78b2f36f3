"""Loaders of the usual file formats."""
