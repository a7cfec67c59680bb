"""`lipwire voices`: which there are, which could be, and how they come and go."""
