"""How does a message reach everyone it is for?"""
