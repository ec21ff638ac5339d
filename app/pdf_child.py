"""Draws the pages of the PDF on standard input; run by `app.pdf` as a file, alone, under limits it sets itself.

Arguments: pages, pixels per page, seconds, megabytes. Output, per page: height, width, bytes per row and channels (little-endian, four
bytes each), then the rows, BGR or BGRx. Any failure is exit status 1 without a word: what a PDF says is nobody's business here.
"""

from __future__ import annotations

import resource
import struct
import sys

POINTS_PER_INCH = 72
DPI = 300
MEGABYTE = 1024 * 1024


def main(pages: int, pixels: int, seconds: int, megabytes: int) -> int:
    import pypdfium2 as pdfium

    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    document = pdfium.PdfDocument(sys.stdin.buffer.read())
    if not 1 <= len(document) <= pages:
        return 1
    for page in document:
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            return 1
        most = (pixels / (width * height)) ** 0.5
        drawn = page.render(scale=min(DPI / POINTS_PER_INCH, most), may_draw_forms=False)
        shape = (drawn.height, drawn.width, drawn.stride, drawn.n_channels)
        sys.stdout.buffer.write(struct.pack("<4I", *shape))
        sys.stdout.buffer.write(bytes(drawn.buffer))
        page.close()
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    try:
        status = main(*map(int, sys.argv[1:]))
    except (Exception, MemoryError):
        status = 1
    sys.exit(status)
