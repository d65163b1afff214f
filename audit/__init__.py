"""Who did what, and when? Imports nothing of ours."""
