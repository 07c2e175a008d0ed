"""The pretend X-Ray: traces of the requests that leave lines in the logs.

Every logged invocation has its segments, under the trace and request ids of its
lines and with their times, so a trace, its logs and its metrics tell one story.
"""
