"""Is everything there for a first run? The examination (examination.py), and its checks of the machine and of the set-up."""
