"""The parts of the skew meter: how far apart the pictures of several browsers are.

The film carries its frame number in every frame. A script in the page reads it from a canvas in
every frame callback, by the document's own clock; that clock is mapped to the server's from
outside the page, so that nothing here relies on what is being measured.
"""
