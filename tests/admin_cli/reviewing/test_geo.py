"""Places between the two grids."""

from math import cos, hypot, radians

import pytest

from admin_cli.reviewing.geo import gcj02_to_wgs84, geo_uri, wgs84_to_gcj02

METRES_PER_DEGREE = 111_195

PAIRS = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]
"""Source: the test data of the eviltransform project."""


@pytest.mark.parametrize(("wgs", "gcj"), PAIRS)
def test_the_shift_is_the_published_one(wgs, gcj) -> None:
    assert wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-9)


@pytest.mark.parametrize(("wgs", "gcj"), PAIRS)
def test_the_way_back_ends_within_a_centimetre(wgs, gcj) -> None:
    lat, lon = gcj02_to_wgs84(*gcj)

    north = (lat - wgs[0]) * METRES_PER_DEGREE
    east = (lon - wgs[1]) * METRES_PER_DEGREE * cos(radians(lat))
    assert hypot(north, east) < 0.01


def test_a_geo_uri_is_always_on_wgs_84() -> None:
    assert geo_uri(31.1774276, 121.5272106, "WGS-84") == "geo:31.177428,121.527211"
    assert geo_uri(31.17530398364597, 121.531541859215, "GCJ-02") == "geo:31.177428,121.527211"
