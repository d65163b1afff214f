"""What must people know now?"""
