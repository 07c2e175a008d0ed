"""The pages. Figures and parts make them, the shell stands around, ``mount`` joins all."""
