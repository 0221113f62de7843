"""One file a peer: each trains the same network on the same data as fast as its users would."""
