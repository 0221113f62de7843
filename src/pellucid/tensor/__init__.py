"""Numbers that remember where they came from: tensors with reverse-mode differentiation."""
