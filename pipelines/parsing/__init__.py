"""From printed text to normal values: dates, names, places, numbers, QR payloads and machine readable zones."""
