"""Writes cases for tests/value/decimal.c: an operation, two operands and what exact fractions say the result is.

Every line is `operation a b result`; the result is a number, or `overflow` or `zero`."""
import random
import sys
from fractions import Fraction

MOST = 2**96 - 1
random.seed(20260327)


def half_even(x):
    return round(x)  # Fraction's round is half-even


def text(magnitude, scale):
    sign = "-" if magnitude < 0 else ""
    digits = str(abs(magnitude)).rjust(scale + 1, "0")
    return sign + (digits[:-scale] + "." + digits[-scale:] if scale else digits)


def fit(x, scale):
    for s in range(min(scale, 28), -1, -1):
        m = half_even(x * 10**s)
        if abs(m) <= MOST:
            return text(m, s)
    return "overflow"


def shortest(x):
    for s in range(29):
        m = x * 10**s
        if m.denominator == 1:
            return text(m.numerator, s) if abs(m) <= MOST else fit(x, 28)
    return fit(x, 28)


def value(n):
    return Fraction(n[0], 10**n[1])


def operand():
    kind = random.randrange(8)
    if kind == 0:
        m, s = random.randrange(0, 100), 0
    elif kind == 1:
        m, s = random.randrange(10**7), 2
    elif kind == 2:
        m, s = random.getrandbits(random.randrange(1, 97)), random.randrange(29)
    elif kind == 3:
        m, s = MOST - random.randrange(3), random.choice([0, 1, 14, 27, 28])
    elif kind == 4:
        m, s = 10 ** random.randrange(29) + random.randrange(-1, 2), random.randrange(29)
    elif kind == 5:
        m, s = random.getrandbits(64), random.randrange(12)
    elif kind == 6:
        m, s = 2**64 + random.randrange(-2, 3), random.randrange(5)
    else:
        m, s = random.choice([0, 1, 2, 3, 5, 7, 25, 125]), random.randrange(29)
    return (-m if random.randrange(2) else m, s)


def divide(a, b):
    return shortest(value(a) / value(b)) if b[0] else "zero"


def floor_divide(a, b):
    return fit(Fraction(value(a) // value(b)), 0) if b[0] else "zero"


def modulo(a, b):
    if not b[0]:
        return "zero"
    return fit(value(a) - (value(a) // value(b)) * value(b), max(a[1], b[1]))


def rounded(a, places, how):
    x = value(a) * Fraction(10) ** places
    floor = x.numerator // x.denominator
    exact = x == floor
    up = {
        "half_even": half_even(x) > floor,
        "half_up": (x - floor > Fraction(1, 2)) or (x - floor == Fraction(1, 2) and x > 0),
        "down": x < 0 and not exact,
        "up": x > 0 and not exact,
        "floor": False,
        "ceiling": not exact,
    }[how]
    m = floor + up
    if places >= a[1]:
        s = a[1]
        m = a[0]
        while s < places and abs(m) * 10 <= MOST:
            m, s = m * 10, s + 1
        return text(m, s)
    return fit(Fraction(m) / Fraction(10) ** places, max(places, 0))


OPERATIONS = {
    "add": lambda a, b: fit(value(a) + value(b), max(a[1], b[1])),
    "subtract": lambda a, b: fit(value(a) - value(b), max(a[1], b[1])),
    "multiply": lambda a, b: fit(value(a) * value(b), a[1] + b[1]),
    "divide": divide,
    "floor_divide": floor_divide,
    "modulo": modulo,
    "compare": lambda a, b: str((value(a) > value(b)) - (value(a) < value(b))),
}

with open(sys.argv[1], "w") as out:
    for name, operation in OPERATIONS.items():
        for _ in range(3000):
            a, b = operand(), operand()
            if random.randrange(10) == 0:
                b = (a[0] * random.choice([1, 1, -1]), a[1])
            print(name, text(*a), text(*b), operation(a, b), file=out)
    for how in ["half_even", "half_up", "down", "up", "floor", "ceiling"]:
        for _ in range(1500):
            a, places = operand(), random.randrange(-28, 29) if random.randrange(3) else 2
            if random.randrange(4) == 0:  # ties
                a = (a[0] // 10 % 10**20 * 10 + 5, min(max(places + 1, 0), 28))
            print(how, text(*a), places, rounded(a, places, how), file=out)
