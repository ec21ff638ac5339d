"""Every document we can read: one module is one side of one document, in order of precedence.

CĂN CƯỚC is a prefix of CĂN CƯỚC CÔNG DÂN, so the longer title stands first; of two sides that look equally like
the text, the earlier one wins.
"""

from pipelines.documents import (
    cc2024_back,
    cc2024_front,
    cccd_back,
    cccd_front,
    chip_back,
    chip_front,
    cmnd9_back,
    cmnd9_front,
    cmnd12_back,
    cmnd12_front,
    licence_back,
    licence_front,
    passport,
)
from pipelines.types import DocumentClass

DOCUMENTS: tuple[DocumentClass, ...] = (
    chip_front.DOCUMENT,
    chip_back.DOCUMENT,
    cccd_front.DOCUMENT,
    cccd_back.DOCUMENT,
    cc2024_front.DOCUMENT,
    cc2024_back.DOCUMENT,
    cmnd12_front.DOCUMENT,
    cmnd12_back.DOCUMENT,
    cmnd9_front.DOCUMENT,
    cmnd9_back.DOCUMENT,
    passport.DOCUMENT,
    licence_front.DOCUMENT,
    licence_back.DOCUMENT,
)
