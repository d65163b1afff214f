"""Pages: finding and booking training, and running it."""
