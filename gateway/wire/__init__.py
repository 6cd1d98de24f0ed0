"""Formats on the wire: headers, event streams, AWS frames, content encodings; bytes in, bytes out, no I/O."""
