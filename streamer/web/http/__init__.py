"""How calls are declared, read, checked and answered, whatever they are about."""
