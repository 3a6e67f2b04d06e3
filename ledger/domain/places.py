"""Places as integers: degrees × 10^7 (about 1 cm), distances on the sphere, boxes for an index to search.

No PostGIS: a box on an index and a haversine on what it returns is enough for tens of metres.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import asin, ceil, cos, radians, sin, sqrt

from ledger.domain.errors import InvalidField

E7 = 10_000_000
EARTH_RADIUS_M = 6_371_008.8
"""Mean radius. Source: IUGG, as used by every haversine."""
METRES_PER_DEGREE = EARTH_RADIUS_M * radians(1)


class Datum(StrEnum):
    """Which grid the numbers are on. Chinese map apps give GCJ-02, satellites and the rest of the world WGS-84.

    The two differ by some 500 m in Ningbo, so a place is only ever compared with places on its own grid.
    """

    WGS_84 = "WGS-84"
    GCJ_02 = "GCJ-02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    lat_e7: int
    lon_e7: int
    datum: Datum = Datum.WGS_84


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """All places that could lie within a distance. `lon` bounds may pass ±180° and then simply find less there."""

    lat_min_e7: int
    lat_max_e7: int
    lon_min_e7: int
    lon_max_e7: int


def read_place(lat: float, lon: float, datum: Datum) -> Place:
    """From decimal degrees. Raises InvalidField when a number is outside the earth (NaN included)."""
    for name, value, limit in (("lat", lat, 90), ("lon", lon, 180)):
        if not -limit <= value <= limit:
            raise InvalidField(
                field=name,
                problem_zh=f"{value} 超出 ±{limit} 度；请检查经纬度是否写反。",
                problem_en=f"{value} is outside ±{limit} degrees; are latitude and longitude swapped?",
            )
    return Place(lat_e7=round(lat * E7), lon_e7=round(lon * E7), datum=datum)


def distance_m(one: Place, other: Place) -> float:
    """Metres between two places on the same datum (haversine)."""
    lat_1, lat_2 = radians(one.lat_e7 / E7), radians(other.lat_e7 / E7)
    half_lat = (lat_2 - lat_1) / 2
    half_lon = radians((other.lon_e7 - one.lon_e7) / E7) / 2
    chord = sin(half_lat) ** 2 + cos(lat_1) * cos(lat_2) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def box_around(place: Place, radius_m: float) -> Box:
    """The smallest simple box that holds every place within the radius; near a pole, all longitudes."""
    reach_lat = ceil(radius_m / METRES_PER_DEGREE * E7)
    shrink = cos(radians(min(90.0, (abs(place.lat_e7) + reach_lat) / E7)))
    reach_lon = 180 * E7 if shrink < 1e-6 else min(180 * E7, ceil(reach_lat / shrink))
    return Box(
        lat_min_e7=place.lat_e7 - reach_lat,
        lat_max_e7=place.lat_e7 + reach_lat,
        lon_min_e7=place.lon_e7 - reach_lon,
        lon_max_e7=place.lon_e7 + reach_lon,
    )
