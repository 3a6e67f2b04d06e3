"""A place as a `geo:` URI, which a phone or a map program opens. The URI means WGS-84, so GCJ-02 is converted first.

Chinese map apps give GCJ-02, which lies some 500 m off in Ningbo: without the conversion a reviewer would look for a
missing manhole cover in the wrong street.
"""

from math import cos, fabs, pi, radians, sin, sqrt

SEMI_MAJOR_AXIS_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
"""The Krasovsky 1940 ellipsoid, on which the published form of the GCJ-02 shift is computed."""

CONVERSION_ROUNDS = 4
"""Each round makes the error some thousand times smaller; four leave less than a centimetre."""


def geo_uri(lat: float, lon: float, datum: str) -> str:
    """Six decimals are a decimetre, finer than any phone knows where it is. Source: RFC 5870."""
    if datum == "GCJ-02":
        lat, lon = gcj02_to_wgs84(lat, lon)
    return f"geo:{lat:.6f},{lon:.6f}"


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """The shift is known forwards only, so the point is found whose shifted place is the given one."""
    wgs_lat, wgs_lon = lat, lon
    for _ in range(CONVERSION_ROUNDS):
        shifted_lat, shifted_lon = wgs84_to_gcj02(wgs_lat, wgs_lon)
        wgs_lat += lat - shifted_lat
        wgs_lon += lon - shifted_lon
    return wgs_lat, wgs_lon


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """The published approximation of the shift, good to a metre or two in China."""
    east, north = lon - 105.0, lat - 35.0
    ripple = 20.0 * sin(6.0 * east * pi) + 20.0 * sin(2.0 * east * pi)
    d_lat = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north * north + 0.1 * east * north + 0.2 * sqrt(fabs(east))
    d_lat += (ripple + 20.0 * sin(north * pi) + 40.0 * sin(north / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * sin(north / 12.0 * pi) + 320.0 * sin(north * pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + east + 2.0 * north + 0.1 * east * east + 0.1 * east * north + 0.1 * sqrt(fabs(east))
    d_lon += (ripple + 20.0 * sin(east * pi) + 40.0 * sin(east / 3.0 * pi)) * 2.0 / 3.0
    d_lon += (150.0 * sin(east / 12.0 * pi) + 300.0 * sin(east / 30.0 * pi)) * 2.0 / 3.0
    magic = 1.0 - ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    metres_lat = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (magic * sqrt(magic))
    metres_lon = SEMI_MAJOR_AXIS_M / sqrt(magic) * cos(radians(lat))
    return lat + d_lat * 180.0 / (metres_lat * pi), lon + d_lon * 180.0 / (metres_lon * pi)
