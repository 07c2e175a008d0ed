"""The control plane: moto's server, filled with the world's resources.

moto keeps one state for the whole process and is slow to import, so nothing
of it is loaded before the plane is started, and the newest plane owns it.
"""
