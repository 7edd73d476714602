"""Changes of meaning, one at a time, in a copy of the tree: does a test notice each?"""
