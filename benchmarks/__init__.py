"""Measurements, printed as ratios of one interleaved run; never a gate on a single figure."""
