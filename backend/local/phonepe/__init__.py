"""A payment gateway for one's own machine: PhonePe's protocol, a pay page, and every way to go wrong."""

from backend.local.phonepe.app import Merchant, Simulator

__all__ = ["Merchant", "Simulator"]
