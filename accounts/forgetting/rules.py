"""What an account that has been forgotten is told by."""

NOWHERE = "@deleted.invalid"
"""A domain that never exists (RFC 2606): an account must have a contact, and this is nobody's."""
