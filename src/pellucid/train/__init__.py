"""Doing a run: the loop over the epochs, and the trainer for those who bring a module."""
