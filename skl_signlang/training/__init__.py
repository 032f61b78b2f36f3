"""The training engine: compiled models, fit loop, checkpoints, schedules."""
