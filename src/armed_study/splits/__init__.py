"""Who is trained on, validated on, tested on and held out."""
