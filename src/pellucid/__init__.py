"""pellucid: a neural network that you can see through."""
