"""From claim and passages to a verdict."""
