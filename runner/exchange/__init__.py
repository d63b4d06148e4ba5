"""The exchange broker: real orders, off unless two switches are on. Start reading at start.py; paper trading never imports this room."""
