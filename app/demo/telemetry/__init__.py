"""CloudWatch's side of the pretend AWS: listing, reading and writing metric data.

moto's answers to these operations are too slow and partly wrong, so they are
given here, from the world, from what callers have put, and from recordings.
"""
