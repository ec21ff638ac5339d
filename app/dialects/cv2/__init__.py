"""computervision.vn, API v2: /api/v2/..."""

from app.dialects.cv2 import cards, faces, liveness, search

ROUTERS = (faces.router, liveness.router, cards.router, search.router)
