"""Interchangeable ways to execute the same training step: the native engine and the eager one."""
