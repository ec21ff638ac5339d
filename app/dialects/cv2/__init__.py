"""computervision.vn, API v2: /api/v2/..."""

from app.dialects.cv2 import cards, faces, search

ROUTERS = (faces.router, cards.router, search.router)
