"""The pages: figures and parts make them, the shell stands around them, ``mount`` puts all together."""
