"""Hostile files, built on the fly, and what runs them.

Each module holds `CASES`, a list of `Case`.
``python -m attacks.child FOLDER MODULE ...``
runs those of modules in a process of its own.
"""
