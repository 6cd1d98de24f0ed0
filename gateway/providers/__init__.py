"""Where calls go: one row of data per provider, how a path maps to it, what a path asks for, and how a call is signed.

providers.yaml -> rows -> provider (paths, asked, signing).
"""
