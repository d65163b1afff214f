"""What people do to the post: each a verb, in one transaction, after asking whether they may."""
