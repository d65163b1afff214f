"""What does each agency offer, and who may see it?"""
