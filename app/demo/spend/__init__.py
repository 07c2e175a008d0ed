"""What the pretend accounts spend, and the services that tell it.

Every figure is a function of seed and day: a charge knows how much of it was
used on a day, and every answer (Cost Explorer, Budgets, free tier, ...) adds up
the same charges, so they agree to the last digit.
"""
