"""What can we show for it?"""
