"""Which agency do you speak for, and in what role?"""
