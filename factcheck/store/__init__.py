"""The index: text in SQLite, vectors in FAISS, and search over both."""
