"""What draws a `Chart`: as SVG, in characters, by matplotlib; and what all of these share."""
