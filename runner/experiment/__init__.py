"""The controlled test at work: arms in the loop, drawn and on disk before anybody is asked; shadows, the hourly look, and going back.

Start reading at experimenter.py.
May import: lib, runner.claude, runner.errors, runner.files, runner.trade.
"""
