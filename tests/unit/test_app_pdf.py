"""Pages of a PDF become pictures; what would cost too much costs only the process that draws."""

from __future__ import annotations

import contextlib
import io
import time
import zlib

import pytest
from PIL import Image as Pillow

from app.images import FileBytes, Limits, read_images
from app.jobs import read_all
from app.pdf import PdfLimits, is_pdf, read_pages
from pipelines.errors import ImageUnreadable
from tests.fakes import runtime

LIMITS = PdfLimits(pages=3, pixels=2_000_000, seconds=3, patience=6.0, megabytes=512)
RED, GREEN = (255, 0, 0), (0, 255, 0)


def pdf(*pages: Pillow.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], **options)
    return buffer.getvalue()


def written(page: bytes, *objects: bytes) -> bytes:
    """A PDF of one page, by hand; the first object is number 4."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        *objects,
    ]
    out = b"%PDF-1.7\n"
    for number, part in enumerate(parts, 1):
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    return out + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def test_pages_in_order() -> None:
    pages = read_pages(
        pdf(Pillow.new("RGB", (200, 100), RED), Pillow.new("RGB", (100, 100), GREEN)), LIMITS
    )
    assert [int(page.pixels[50, 50].argmax()) for page in pages] == [2, 1]
    assert pages[0].width == pytest.approx(2 * pages[0].height, rel=0.02)


def test_large_pages_are_drawn_smaller() -> None:
    (page,) = read_pages(pdf(Pillow.new("RGB", (4000, 3000), RED), resolution=72.0), LIMITS)
    assert 1_900_000 < page.width * page.height <= 2_000_000 + 4000


def test_turned_page_is_upright() -> None:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Rotate 90 >>"
    (drawn,) = read_pages(written(page), LIMITS)
    assert drawn.height > drawn.width


def flate_bomb() -> bytes:
    """An image of 40,000 x 40,000 whose pixels are two megabytes of nothing, packed twice."""
    packed = zlib.compress(zlib.compress(bytes(40_000 * 4_000), 9), 9)
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width 40000 /Height 40000 /ColorSpace /DeviceRGB /BitsPerComponent 8"
        b" /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream"
        % (len(packed), packed)
    )
    content = b"<< /Length 33 >>\nstream\nq 600 0 0 800 0 0 cm /I Do Q    \nendstream"
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R"
        b" /Resources << /XObject << /I 4 0 R >> >> >>"
    )
    return written(page, picture, content)


def endless() -> bytes:
    """A page that draws a form that draws itself twice, sixty levels deep."""
    forms = []
    for number in range(4, 64):
        body = b"/F Do /F Do "
        forms.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F %d 0 R >> >>"
            b" /Length %d >>\nstream\n%s\nendstream" % (number + 1, len(body), body)
        )
    body = b"0 0 9 9 re f " * 2000
    forms.append(
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length %d >>\nstream\n%s\nendstream"
        % (len(body), body)
    )
    content = b"<< /Length 6 >>\nstream\n/F Do \nendstream"
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
        b" /Resources << /XObject << /F 4 0 R >> >> >>" % (len(forms) + 4)
    )
    return written(page, *forms, content)


@pytest.mark.parametrize("bomb", [flate_bomb(), endless()], ids=["flate", "endless"])
def test_bombs_end(bomb: bytes) -> None:
    """Refused or drawn without what would not fit, in bounded time."""
    assert len(bomb) < 400_000
    began = time.perf_counter()
    with contextlib.suppress(ImageUnreadable):
        assert len(read_pages(bomb, LIMITS)) == 1
    assert time.perf_counter() - began < LIMITS.patience + 1


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\nnothing",
        pdf(*[Pillow.new("RGB", (20, 20))] * 4),
        written(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 0 0] >>")[:60],
        pdf(Pillow.new("RGB", (20, 20)))[:200],
    ],
    ids=["no pages", "too many pages", "cut", "truncated"],
)
def test_refused(data: bytes) -> None:
    with pytest.raises(ImageUnreadable):
        read_pages(data, LIMITS)


def test_several_files_are_one_in_their_pages_and_in_memory_one_after_another() -> None:
    limits = Limits(1_000_000, 1_000_000, LIMITS)
    two = FileBytes(pdf(*[Pillow.new("RGB", (20, 20))] * 2))
    with pytest.raises(ImageUnreadable, match="pages"):
        read_all(runtime(), two, two, limits=limits)

    def read(*_: object, **__: object) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        read_all(runtime(read_documents=read), two, FileBytes(b"not looked at"), limits=limits)


def test_content_decides() -> None:
    """A JPEG with a PDF behind its end is the JPEG, a PDF behind some rubbish is a PDF."""
    buffer = io.BytesIO()
    Pillow.new("RGB", (30, 20), GREEN).save(buffer, "JPEG")
    both = buffer.getvalue() + pdf(Pillow.new("RGB", (90, 90)))
    (image,) = read_images(FileBytes(both), Limits(1_000_000, 1_000_000))
    assert (image.width, image.height) == (30, 20)
    assert is_pdf(b"rubbish\n" + pdf(Pillow.new("RGB", (9, 9))))
    assert not is_pdf(b"GIF89a")
