"""What a result was made by, for its rules to know when it is out of date."""
