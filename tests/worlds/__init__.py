"""Whole worlds of rows, on which the product's answers are held against those of `tests/oracle`."""
