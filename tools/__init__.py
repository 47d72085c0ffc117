"""What the Makefile calls: makes the virtual environment ready, builds llama-cpp-python, pins versions."""
