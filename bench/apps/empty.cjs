// Nothing: what is left is the start of Node and of the preload.
