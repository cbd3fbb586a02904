"""What each segment is: its numbers, its name, its rule, its members."""
