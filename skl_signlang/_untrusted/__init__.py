"""Untrusted content: it is checked before anything is made of it.

Nothing here imports Keras or TensorFlow, opens what content names, or takes more than a
`Budget` allows.
"""
