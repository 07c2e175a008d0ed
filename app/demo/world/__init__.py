"""What happens on the blog platform: a function of seed and time, nothing else.

Nothing is simulated step by step and nothing is remembered. Any minute of the
last years is computed when somebody asks for it, the same way each time.
"""
