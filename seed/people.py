"""The district's people: names by Faker zh_CN, industries by their head counts, phones that nobody owns.

Deterministic: the same seed and count give the same people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from faker import Faker

HEAD_COUNTS = {
    # Industry code: riders of the whole district. Source: programme.md, Industries and subdistricts.
    "01": 15_000,
    "02": 7_500,
    "03": 9_000,
    "04": 4_500,
    "05": 2_500,
    "06": 1_800,
    "07": 3_500,
    "08": 1_800,
    "09": 2_200,
    "10": 900,
    "11": 700,
    "12": 600,
}
DISTRICT_SIZE = sum(HEAD_COUNTS.values())

SUBDISTRICTS = ("钟公庙街道", "首南街道", "下应街道", "潘火街道", "中河街道", "福明街道", "东郊街道", "百丈街道")
"""钟公庙街道 is a fact; the others are demo data."""

PHONE_PREFIX = "192"
"""Demo phones are 192 and the rider's number: well-formed, and given to nobody in this form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    code: str
    name: str
    phone: str
    industry_code: str
    subdistrict: str


def people(count: int, *, seed: int) -> Iterator[Person]:
    """`count` people, R00001 first; industries in the district's proportions, in mixed order."""
    faker = Faker("zh_CN")
    faker.seed_instance(seed)
    industries = _mixed_industries(count, faker)
    for number, industry_code in enumerate(industries, 1):
        yield Person(
            code=f"R{number:05d}",
            name=faker.name(),
            phone=f"{PHONE_PREFIX}{number:08d}",
            industry_code=industry_code,
            subdistrict=faker.random.choice(SUBDISTRICTS),
        )


def _mixed_industries(count: int, faker: Faker) -> list[str]:
    """Industry codes whose counts are the district's, scaled so that they sum to `count`, in shuffled order."""
    bounds = [round(total * count / DISTRICT_SIZE) for total in accumulate(HEAD_COUNTS.values())]
    codes: list[str] = []
    for code, bound in zip(HEAD_COUNTS, bounds, strict=True):
        codes.extend([code] * (bound - len(codes)))
    faker.random.shuffle(codes)
    return codes
