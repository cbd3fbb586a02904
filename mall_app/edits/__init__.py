"""What a person changes in the segments, as settings that replay."""
