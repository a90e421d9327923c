"""The console command `armed`: from a table of one's own to its study without writing a configuration."""
