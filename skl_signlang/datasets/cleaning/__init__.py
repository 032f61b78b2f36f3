"""Checks and cleaning of samples."""
