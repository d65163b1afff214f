"""How Lantern is set up, started, tested and checked from a bare machine.

Standard library only: it runs before anything is installed.
"""
