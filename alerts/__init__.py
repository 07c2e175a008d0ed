"""Alarms: which there are, what state they are in and why, and who is told."""
