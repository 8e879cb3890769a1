"""The package's data, and how they come to be: nets for the page, pictures, recorded numbers.

nets     save a trained net for the page, and load it again
layers   torch modules as the plain layers of such a file, and back
writing  where recordings go, each file whole or not at all
"""
