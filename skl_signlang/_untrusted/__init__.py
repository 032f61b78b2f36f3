"""Checks of untrusted content before any object is made of it.

Nothing here imports Keras or TensorFlow, opens what content names, or takes more than a
`Budget` allows.
"""
