"""How do machines talk to us?"""
