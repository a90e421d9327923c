"""Checks and pictures of prepared scans."""
