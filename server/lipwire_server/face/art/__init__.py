"""Draws the default avatars: figures out of fills, and packs out of figures."""
