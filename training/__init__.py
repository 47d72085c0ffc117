"""How every learned weight of the project was made."""
