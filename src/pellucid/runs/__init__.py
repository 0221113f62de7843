"""What a training leaves on disk: a folder that a person can keep, move and open again."""
