"""Parts of the OSCAL writer."""
