def handler(exc, context): return None
