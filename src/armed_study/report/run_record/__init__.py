"""What a run was made by: code, packages, machine, seeds, data, time and memory."""
