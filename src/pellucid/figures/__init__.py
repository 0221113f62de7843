"""Pictures of what explanations and reports say; for now in text. Nothing is computed here."""
