"""What the demo sells: some three hundred articles, put together from families and their variants."""

import random
from typing import NamedTuple

LOW, HIGH = ("L", 900), ("H", 2_100)

MAKERS = {
    "installation": ("Hagenau", "Legrix", "Wavin & Co", "Schellberg"),
    "tools": ("Nordwerk", "Bremtec", "Makura", "Stahlmann"),
    "office": ("Papyrus", "Leitmark", "Durabel", "Scrivo"),
    "catering": ("Brouwhuis", "Caffè Lario", "Santos & Vink", "Hotelware"),
    "cleaning": ("Clarex", "Ecomix", "Vikan Nord"),
    "safety": ("Protecta", "Helmig", "Nitras"),
    "packaging": ("Kartonage Zuid", "Packline", "Raja Noord"),
    "lighting": ("Lumenta", "Philux", "Osmera"),
}
SUPPLIERS = ("Technische Unie Noord", "Kramer Groothandel", "Rexim Distribution", "Bürofix GmbH", "Import direct")

# Category; name; variants; unit; price of the first and of the last variant in hundredths of a cent.
FAMILIES = (
    ("installation", "PVC pipe", ("16 mm, 3 m", "20 mm, 3 m", "25 mm, 3 m", "32 mm, 3 m", "40 mm, 4 m", "50 mm, 4 m", "75 mm, 4 m", "110 mm, 4 m"), "piece", 24_500, 289_000),
    ("installation", "Installation cable NYM", ("3 x 1.5 mm², 50 m", "3 x 1.5 mm², 100 m", "3 x 2.5 mm², 50 m", "3 x 2.5 mm², 100 m", "5 x 1.5 mm², 100 m", "5 x 2.5 mm², 100 m", "5 x 4 mm², 50 m", "5 x 6 mm², 50 m"), "ring", 389_500, 2_179_000),
    ("installation", "Circuit breaker B", ("6 A", "10 A", "13 A", "16 A", "20 A", "25 A", "32 A", "40 A"), "piece", 47_250, 129_800),
    ("installation", "Residual current device", ("2P 25 A", "2P 40 A", "4P 25 A", "4P 40 A", "4P 63 A"), "piece", 329_000, 896_500),
    ("installation", "Brass ball valve", ("1/2 inch", "3/4 inch", "1 inch", "1 1/4 inch", "1 1/2 inch", "2 inch"), "piece", 68_900, 412_000),
    ("installation", "Press fitting elbow 90°", ("15 mm", "18 mm", "22 mm", "28 mm", "35 mm", "42 mm", "54 mm"), "piece", 21_350, 349_900),
    ("installation", "Junction box IP65", ("85 x 85 mm", "100 x 100 mm", "150 x 110 mm", "190 x 140 mm", "240 x 190 mm"), "piece", 34_800, 219_500),
    ("installation", "Socket outlet, double", ("pure white", "cream", "anthracite", "aluminium", "stainless steel"), "piece", 89_500, 274_000),
    ("tools", "Cordless drill 18 V", ("body only", "2 x 2.0 Ah", "2 x 4.0 Ah", "2 x 5.0 Ah, case", "brushless, 2 x 5.0 Ah"), "set", 799_000, 3_290_000),
    ("tools", "Drill bit HSS-Co", ("3 mm", "4 mm", "5 mm", "6 mm", "8 mm", "10 mm", "12 mm", "13 mm"), "piece", 18_450, 164_500),
    ("tools", "Combination spanner", ("8 mm", "10 mm", "13 mm", "17 mm", "19 mm", "22 mm", "24 mm", "set of 12"), "piece", 39_900, 849_000),
    ("tools", "Screwdriver, insulated", ("PH1", "PH2", "PZ1", "PZ2", "slot 3 mm", "slot 5.5 mm", "set of 6"), "piece", 54_900, 379_000),
    ("tools", "Cutting disc", ("115 mm, 25 pieces", "125 mm, 25 pieces", "180 mm, 10 pieces", "230 mm, 10 pieces"), "box", 249_000, 345_000),
    ("tools", "Spirit level", ("40 cm", "60 cm", "100 cm", "120 cm", "200 cm"), "piece", 179_000, 689_000),
    ("tools", "Rotary hammer SDS-plus", ("2 kg", "3 kg", "4 kg, vibration control", "cordless 18 V"), "piece", 1_590_000, 4_490_000),
    ("tools", "Step ladder", ("4 treads", "5 treads", "6 treads", "8 treads", "10 treads"), "piece", 649_000, 1_890_000),
    ("office", "Copy paper A4 80 g", ("500 sheets", "5 x 500 sheets", "recycled, 5 x 500 sheets", "pallet, 240 x 500 sheets"), "pack", 48_900, 10_450_000),
    ("office", "Lever arch file A4", ("50 mm, black", "50 mm, blue", "80 mm, black", "80 mm, blue", "80 mm, red", "80 mm, grey"), "piece", 27_450, 34_900),
    ("office", "Ballpoint pen", ("blue, 50 pieces", "black, 50 pieces", "red, 50 pieces", "assorted, 100 pieces"), "box", 129_500, 219_000),
    ("office", "Toner cartridge", ("black", "cyan", "magenta", "yellow", "black, high yield", "set of 4"), "piece", 689_000, 3_290_000),
    ("office", "Office chair", ("Basic", "Comfort", "Comfort with headrest", "Ergo 400", "Ergo 600"), "piece", 1_290_000, 5_890_000),
    ("office", "Sit-stand desk", ("120 x 80 cm, oak", "140 x 80 cm, oak", "160 x 80 cm, oak", "160 x 80 cm, white", "180 x 80 cm, white"), "piece", 3_490_000, 6_290_000),
    ("office", "Whiteboard, enamelled", ("60 x 45 cm", "90 x 60 cm", "120 x 90 cm", "180 x 120 cm", "240 x 120 cm"), "piece", 449_000, 2_890_000),
    ("office", "Notebook A5", ("lined", "squared", "plain", "lined, 10 pieces"), "piece", 38_950, 339_000),
    ("catering", "Coffee beans", ("Espresso, 1 kg", "Lungo, 1 kg", "Decaf, 1 kg", "Organic, 1 kg", "Espresso, 8 x 1 kg", "Organic, 8 x 1 kg"), "bag", 139_500, 1_290_000),
    ("catering", "Tea, 100 bags", ("English", "Earl Grey", "green", "rooibos", "camomile", "forest fruit"), "box", 54_250, 79_900),
    ("catering", "Mineral water", ("still, 24 x 0.5 l", "sparkling, 24 x 0.5 l", "still, 12 x 1 l glass", "sparkling, 12 x 1 l glass"), "tray", 89_500, 145_000),
    ("catering", "Sugar sticks", ("500 pieces", "1000 pieces", "cane sugar, 500 pieces", "cane sugar, 1000 pieces"), "box", 69_500, 149_000),
    ("catering", "Biscuits, individually wrapped", ("caramel, 300", "almond, 200", "chocolate, 150", "assorted, 250"), "box", 189_500, 269_000),
    ("cleaning", "All-purpose cleaner", ("1 l", "5 l", "10 l", "20 l"), "can", 39_450, 489_000),
    ("cleaning", "Toilet tissue", ("2 ply, 40 rolls", "3 ply, 72 rolls", "jumbo, 12 rolls", "recycled, 64 rolls"), "pack", 219_500, 389_000),
    ("cleaning", "Microfibre cloth", ("blue, 10 pieces", "red, 10 pieces", "green, 10 pieces", "yellow, 10 pieces"), "pack", 94_900, 99_900),
    ("cleaning", "Waste bag", ("30 l, 500 pieces", "60 l, 250 pieces", "120 l, 200 pieces", "240 l, 100 pieces"), "roll", 219_000, 398_500),
    ("cleaning", "Hand soap", ("500 ml", "foam, 6 x 1 l", "lotion, 5 l", "industrial, 3 l"), "piece", 34_900, 489_000),
    ("safety", "Safety shoe S3", ("size 39", "size 40", "size 41", "size 42", "size 43", "size 44", "size 45", "size 46"), "pair", 649_000, 689_000),
    ("safety", "Work glove, nitrile", ("size 7", "size 8", "size 9", "size 10", "size 11"), "pair", 24_750, 26_950),
    ("safety", "Safety helmet", ("white", "yellow", "blue", "orange", "red"), "piece", 119_500, 139_500),
    ("safety", "High-visibility vest", ("S", "M", "L", "XL", "XXL", "XXXL"), "piece", 39_900, 44_900),
    ("safety", "First-aid kit", ("10 persons", "20 persons", "50 persons", "refill", "vehicle"), "piece", 298_000, 1_190_000),
    ("safety", "Ear plugs", ("200 pairs", "500 pairs", "dispenser", "corded, 100 pairs"), "box", 249_000, 589_000),
    ("packaging", "Folding box, double wall", ("200 x 150 x 100 mm", "300 x 200 x 150 mm", "400 x 300 x 200 mm", "500 x 400 x 300 mm", "600 x 400 x 400 mm", "800 x 600 x 500 mm"), "bundle", 129_000, 1_090_000),
    ("packaging", "Packing tape", ("brown, 36 rolls", "clear, 36 rolls", "paper, 24 rolls", "printed Fragile, 36 rolls"), "box", 349_000, 629_000),
    ("packaging", "Stretch film", ("17 µm, hand", "20 µm, hand", "23 µm, hand", "23 µm, machine"), "roll", 74_900, 489_000),
    ("packaging", "Shipping label", ("100 x 50 mm, 1000", "100 x 150 mm, 500", "A6, 1000", "A5, 500"), "roll", 89_500, 279_000),
    ("packaging", "Euro pallet", ("new", "used, A", "used, B", "plastic"), "piece", 149_000, 589_000),
    ("lighting", "LED tube T8", ("60 cm", "90 cm", "120 cm", "150 cm", "120 cm, high output"), "piece", 64_950, 189_500),
    ("lighting", "LED panel 60 x 60 cm", ("3000 K", "4000 K", "6500 K", "4000 K, dimmable"), "piece", 329_000, 549_000),
    ("lighting", "LED bulb E27", ("4 W", "6 W", "8 W", "11 W", "14 W", "8 W, dimmable"), "piece", 19_850, 64_500),
    ("lighting", "Floodlight IP66", ("20 W", "50 W", "100 W", "150 W", "200 W"), "piece", 219_000, 1_490_000),
    ("lighting", "Emergency exit sign", ("left", "right", "down", "self-test", "wall, 3 h"), "piece", 449_000, 1_190_000),
)  # fmt: skip

TRANSLATED = {
    "PVC pipe": {"nl": "PVC-buis", "de": "PVC-Rohr"},
    "Installation cable NYM": {"nl": "Installatiekabel NYM", "de": "Mantelleitung NYM"},
    "Circuit breaker B": {"nl": "Installatieautomaat B", "de": "Leitungsschutzschalter B"},
    "Drill bit HSS-Co": {"nl": "Spiraalboor HSS-Co", "de": "Spiralbohrer HSS-Co"},
    "LED tube T8": {"nl": "Ledbuis T8", "de": "LED-Röhre T8"},
    "Floodlight IP66": {"nl": "Schijnwerper IP66", "de": "Fluter IP66"},
    "High-visibility vest": {"nl": "Veiligheidsvest", "de": "Warnweste"},
}
"""Families whose variants are the same in every language, in Dutch and in German."""


class Article(NamedTuple):
    """An article of the demo. `list_price` is in hundredths of a cent, `tax` a code with its percentage."""

    category: str
    variant: int
    sku: str
    ean: str
    name: str
    manufacturer: str
    manufacturer_code: str
    supplier: str
    supplier_code: str
    unit: str
    list_price: int
    tax: tuple[str, int]

    @property
    def step(self) -> int:
        """Cheap things are sold by five."""
        return 5 if self.list_price < 30_000 else 1

    @property
    def names(self) -> dict[str, str]:
        """Its names in other languages, by ISO 639-1 code."""
        found = next((family for family in TRANSLATED if self.name.startswith(f"{family} ")), None)
        return {code: name + self.name.removeprefix(found) for code, name in TRANSLATED[found].items()} if found else {}

    @property
    def cost_price(self) -> int:
        """What the seller pays, in hundredths of a cent: the dearer the less is left."""
        return self.list_price * (58 + 3 * self.variant) // 100


def articles(rng: random.Random) -> list[Article]:
    """Make the catalogue; equal generators make equal catalogues."""
    made = []
    for family, (category, name, variants, unit, first, last) in enumerate(FAMILIES):
        maker, supplier = rng.choice(MAKERS[category]), rng.choice(SUPPLIERS)
        base = rng.randrange(1_000, 9_000)
        for place, variant in enumerate(variants):
            step = place / (len(variants) - 1)
            number = base + place * rng.randrange(2, 9) + family
            made.append(
                Article(
                    category=category,
                    variant=place,
                    sku=f"{category[:2].upper()}{family + 10}-{number:04}-{place + 1}",
                    ean=ean(f"87{rng.randrange(10**9):09}{place}"),
                    name=f"{name} {variant}",
                    manufacturer=maker,
                    manufacturer_code=f"{maker[:3].upper()}.{number}.{variant.split(maxsplit=1)[0].strip(',')}",
                    supplier=supplier,
                    supplier_code=str(rng.randrange(100_000, 999_999)),
                    unit=unit,
                    list_price=_price(first * (last / first) ** step, rng),
                    tax=LOW if category == "catering" else HIGH,
                )
            )
    return made


def ean(twelve: str) -> str:
    """Add the check digit to twelve digits of an EAN-13."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return f"{twelve}{-weighted % 10}"


def _price(about: float, rng: random.Random) -> int:
    """Round to cents; cheap things are priced to the hundredth of a cent, as per-piece prices are."""
    price = int(about * rng.uniform(0.94, 1.06))
    return price if price < 30_000 else price // 500 * 500 - 100 * (price % 3)
