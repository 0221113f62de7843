"""The door for who sits at a terminal: commands in, plain words out."""
