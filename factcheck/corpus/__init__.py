"""Sources: reading files, taking out boilerplate, paragraphs and sentences."""
