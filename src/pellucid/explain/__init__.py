"""Words about numbers: explanations as trees whose parts recombine to the number they explain.

Nothing here knows of a screen; `figures` draws what an explanation says.
"""
