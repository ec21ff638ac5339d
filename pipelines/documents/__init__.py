"""Every document we can read: one module is one side of one document, in order of precedence.

CĂN CƯỚC is a prefix of CĂN CƯỚC CÔNG DÂN, so the longer title stands first; of two sides that look equally like
the text, the earlier one wins.
"""

from pipelines.documents import cc2024_back, cc2024_front, chip_back, chip_front
from pipelines.types import DocumentClass

DOCUMENTS: tuple[DocumentClass, ...] = (
    chip_front.DOCUMENT,
    chip_back.DOCUMENT,
    cc2024_front.DOCUMENT,
    cc2024_back.DOCUMENT,
)
