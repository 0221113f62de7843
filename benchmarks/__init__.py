"""Measurements of pellucid beside its peers, in one run on one machine."""
