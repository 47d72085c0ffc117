"""Reports as text for a terminal, JSON, Markdown, CSV and HTML."""
