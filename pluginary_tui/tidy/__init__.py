"""What could be tidied on the disk: plugins that are installed twice, that cannot be read, that were never used."""
