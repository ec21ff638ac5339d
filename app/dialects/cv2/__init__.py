"""computervision.vn, API v2: /api/v2/..."""

from app.dialects.cv2 import cards, faces

ROUTERS = (faces.router, cards.router)
