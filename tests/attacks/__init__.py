"""Hostile files, built on the fly, and what runs them.

Each module holds `CASES`, a list of `Case`. ``python -m attacks.child MODULE FOLDER``
runs those of one module in a process of its own.
"""
