"""Pictures of what explanations and reports say, painted and in text."""
