"""What goes in and out: files, code, links."""
