"""What is typed about agencies, people and keys."""
