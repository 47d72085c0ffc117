"""Models: the registry, getting and verifying files, and running them."""
