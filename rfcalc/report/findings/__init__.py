"""What a check found, as records that formats and hosts of code understand."""
