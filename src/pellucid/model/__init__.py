"""What a person keeps and predicts with: preparation, network and target as one thing."""
