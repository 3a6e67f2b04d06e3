"""Places: known distances, and a box that never misses what lies within the radius."""

from math import atan2, cos, degrees, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.errors import InvalidField
from ledger.domain.places import E7, Box, Datum, Place, box_around, distance_m, read_place


def place(lat: float, lon: float) -> Place:
    return read_place(lat, lon, Datum.WGS_84)


@pytest.mark.parametrize(
    ("one", "other", "metres", "tolerance"),
    [
        ((0, 0), (0, 0), 0, 0),
        ((0, 0), (0, 1), 111_195, 1),  # a degree of the equator
        ((0, 0), (0, 180), 20_015_115, 1),  # half way round
        ((90, 0), (-90, 0), 20_015_115, 1),
        ((29.8683, 121.5440), (31.2304, 121.4737), 151_600, 200),  # Ningbo to Shanghai
        ((51.5007, 0.1246), (40.6892, 74.0445), 5_574_840, 100),  # the textbook's London and New York
        ((29.8146, 121.5542), (29.8146, 121.55471), 49.2, 0.1),
    ],
)
def test_distances_are_those_of_the_map(
    one: tuple[float, float], other: tuple[float, float], metres: float, tolerance: float
) -> None:
    assert distance_m(place(*one), place(*other)) == pytest.approx(metres, abs=tolerance)
    assert distance_m(place(*other), place(*one)) == pytest.approx(metres, abs=tolerance)


@pytest.mark.parametrize(
    ("lat", "lon", "field"),
    [(90.1, 0, "lat"), (-91, 0, "lat"), (0, 181, "lon"), (float("nan"), 0, "lat"), (0, float("inf"), "lon")],
)
def test_what_lies_outside_the_earth_is_refused(lat: float, lon: float, field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        place(lat, lon)
    assert refused.value.field == field


def test_degrees_are_kept_to_a_centimetre() -> None:
    assert place(29.81460004, -121.55420006) == Place(lat_e7=298_146_000, lon_e7=-1_215_542_001)


@settings(max_examples=500)
@given(
    st.floats(-89.9, 89.9),
    st.floats(-170, 170),
    st.floats(0, 360),
    st.floats(0, 1),
    st.sampled_from([1, 50, 500, 5_000]),
)
def test_the_box_holds_every_place_within_the_radius(
    lat: float, lon: float, bearing: float, part: float, radius_m: int
) -> None:
    centre = place(lat, lon)
    found = walk(centre, bearing, radius_m * part)
    if found is None or distance_m(centre, found) > radius_m:
        return
    assert holds(box_around(centre, radius_m), found)


def test_the_box_of_fifty_metres_is_not_much_larger_than_fifty_metres() -> None:
    box = box_around(place(29.8146, 121.5542), 50)
    corner = Place(lat_e7=box.lat_max_e7, lon_e7=box.lon_max_e7)
    assert distance_m(place(29.8146, 121.5542), corner) < 75


def holds(box: Box, found: Place) -> bool:
    return box.lat_min_e7 <= found.lat_e7 <= box.lat_max_e7 and box.lon_min_e7 <= found.lon_e7 <= box.lon_max_e7


def walk(begin: Place, bearing: float, metres: float) -> Place | None:
    """Where one arrives, by the textbook's formula; None past the date line, where a box finds less by its contract."""
    angle, course, lat, lon = metres / 6_371_008.8, radians(bearing), radians(begin.lat_e7 / E7), begin.lon_e7 / E7
    sine = sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(course)
    sine = max(-1.0, min(1.0, sine))
    lat_2 = atan2(sine, (1 - sine**2) ** 0.5)
    lon_2 = lon + degrees(atan2(sin(course) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sine))
    return place(degrees(lat_2), lon_2) if abs(lon_2) <= 180 else None
