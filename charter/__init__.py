"""Which councils promised what, and how far are they?"""
