"""What can people learn, and when?"""
