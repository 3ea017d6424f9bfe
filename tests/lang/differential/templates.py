"""Programs from tables: every value with every operation."""
import itertools
import random

NUMBERS = ["0", "1", "2", "-3", "7", "-7", "10", "0.1", "0.25", "-2.5", "1.10", "3.000", "99.99", "12345678901234567890",
           "0.0000000000000000000000000001", "79228162514264337593543950335", "-0.7"]
SMALL = NUMBERS[:13]
CONTAINERS = {"list": "[10, 20, 30, 40, 50]", "text": '"grüße"', "empty": "[]", "one": '"x"'}
TEXTS = ['""', '"a"', '"Hello World"', '"  padded\\t"', '"grüße, ÄÖ"', '"a,b,,c"', '"xxaxx"', '"123"', '"Straße o\'neil"']
METHODS = [".upper()", ".lower()", ".title()", ".strip()", '.strip("x")', ".split()", '.split(",")', '.split("xx")',
           '.replace("a", "bb")', '.replace("", "-")', '.startswith("a")', '.endswith("x")', '.count("x")', ".isdigit()",
           "[0:3]", "[::-1]", "[1:]", ' + "!"', ' in "Hello World, 123"', ' == "a"', ' < "b"', ' >= "Hello"']
VALUES = ["0", "0.00", "1", '""', '"0"', '" "', "[]", "[0]", "{}", '{"a": 1}', "None", "True", "False"]
FAILURES = {
    "division": "1 / zero", "floor division": "1 // zero", "remainder": "1 % zero", "position": "items[7]",
    "position from the end": "items[-4]", "letter": '"abc"[3]', "field": 'record["b"]', "key": "record[5]",
    "overflow": "large * large", "fraction": "items[half]", "negative power": "zero ** -1", "no items": "max(nothing)",
    "no least": "min(nothing)", "sum of nothing known": "sum([1, unknown])", "number of a text": "number(word)",
    "list as key": "{1: 2, items: 3}", "text and list": "word + items", "order": "[1] < 2 if items else 0",
    "length of a number": "len(half)", "in a number": "1 in half", "going through a number": "[x for x in half]",
    "first": "first(x for x in items if x > 99)", "separator": 'word.split("")', "step": "items[::zero]",
}
SETTING = """zero = 0
half = 0.5
items = [1, 2, 3]
nothing = []
record = {"a": 1}
large = 79228162514264337593543950335
unknown = None
word = "abc"
"""
CONTEXTS = {
    "at the top": "set_output('before', value=1)\nx = {0}\nset_output('after', value=x)\n",
    "in a branch": "if items:\n    # a comment\n    x = {0}\nelse:\n    x = 1\nset_output('after', value=x)\n",
    "in a loop": "for i in items:\n    set_output(f'round {{i}}', value=i)\n    if i == 2:\n        x = {0}\n",
    "in a condition": "while {0}:\n    break\n",
    "in an argument": "set_output('a', value=[\n    1,\n    {0},\n    2,\n])\n",
    "in a procedure": "def work(a, zero, half, items, nothing, record, large, unknown, word):\n    b = a + 1\n"
                      "    return {0}\nset_output('b', value=1)\n"
                      "x = work(1, zero, half, items, nothing, record, large, unknown, word)\n",
    "in a text": "set_output('a', value=f\"{{{0}}} and more\")\n",
    "in a comprehension": "set_output('a', value=[{0} for i in items if i > 1])\n",
}


def outputs(expressions):
    return "".join(f"set_output('{i}', value={expression})\n" for i, expression in enumerate(expressions))


def arithmetic():
    for left, op in itertools.product(NUMBERS, ["+", "-", "*", "/", "//", "%"]):
        for right in NUMBERS:
            yield f"{left} {op} {right}", f"left = {left}\nright = {right}\n" + outputs([f"left {op} right"])
    for base, exponent in itertools.product(["0", "1", "-2", "1.5", "0.10", "10"], ["0", "1", "2", "5", "-1", "-2"]):
        yield f"{base} ** {exponent}", f"base = {base}\n" + outputs([f"base ** {exponent}", f"-base ** {exponent}"])


def chance():
    """Numbers of any length and scale, the same ones each time."""
    draw = random.Random(17)
    for i in range(400):
        a, b = ("".join([draw.choice(["", "-"]), str(draw.randrange(10 ** draw.randint(1, 14))), ".",
                         str(draw.randrange(10**14)).rjust(14, "0")[: draw.randint(1, 14)]]) for _ in range(2))
        yield f"{a} and {b}", f"a = {a}\nb = {b}\nplaces = {draw.randint(-2, 12)}\n" + outputs(
            ["a + b", "a - b", "a * b", "a < b", "round(a, places)", "a / b * b", "a // b", "a % b", "a / 3 + b / 7"])


def rounding():
    for number in NUMBERS + ["0.5", "1.5", "2.5", "-0.5", "2.675", "1.005", "-1.115", "1249.5", "1250", "1350"]:
        yield f"round {number}", f"x = {number}\n" + outputs(
            ["round(x)"] + [f"round(x, {places})" for places in range(-3, 6)] + ["int(x)", "abs(x)", "-x", "bool(x)"])


def comparisons():
    ops = ["<", "<=", "==", "!=", ">", ">="]
    for a, b, c in itertools.product(["1", "1.0", "-2"], ["1.00", "3"], ["2", "-2.5", "3.0"]):
        yield f"chain {a} {b} {c}", f"a = {a}\nb = {b}\nc = {c}\n" + outputs(
            f"a {first} b {second} c" for first, second in itertools.product(ops, ops))
    for a, b in itertools.combinations_with_replacement(VALUES, 2):
        yield f"{a} and {b}", f"a = {a}\nb = {b}\n" + outputs(
            ["a == b", "a != b", "a and b", "a or b", "not a", "a if b else 0", "a in [b]", "[a] == [b]"])
    lists = ["[]", "[1]", "[1, 2]", "[1.0, 3]", '["a"]', '["a", "b"]', "[[1], 2]", "[[1], 3]"]
    for a, b in itertools.product(lists[:4], lists[:4]):
        yield f"{a} < {b}", f"a = {a}\nb = {b}\n" + outputs(f"a {op} b" for op in ops)


def slices():
    places = ["", "-9", "-2", "-1", "0", "1", "3", "9"]
    for (kind, made), step in itertools.product(CONTAINERS.items(), ["", ":1", ":2", ":-1", ":-3"]):
        yield f"slices of {kind} {step}", f"x = {made}\n" + outputs(
            f"x[{start}:{end}{step}]" for start, end in itertools.product(places, places))
    for (kind, made), place in itertools.product(CONTAINERS.items(), ["0", "1", "4", "5", "-1", "-5", "-6", "2.0", "1.5"]):
        yield f"{kind} at {place}", f"x = {made}\n" + outputs([f"x[{place}]"])


def texts():
    for text, method in itertools.product(TEXTS, METHODS):
        yield f"{text}{method}", f"x = {text}\n" + outputs([f"x{method}"])


def formats():
    """Numbers and texts in forms; 1234567.891 has thousands, and a negative one a sign in front of its noughts."""
    forms = [".2f", ".0f", "f", ",.2f", ".1%", "%", ",", ">10", "<10", "^10", "^11", "*>9", "=+9", "05", "012,.1f", "+.1f", " .2f", "ü^9.1f"]
    for number in SMALL + ["1234567.891", "-1234567.891", "0.005", "2.675", "1000", "-999.995"]:
        yield f"{number} in forms", f"x = {number}\n" + outputs([f"f'{{x:{form}}}'" for form in forms])
        yield f"format({number})", f"x = {number}\n" + outputs([f"format(x, '{form}')" for form in forms])
    for number, form in itertools.product(["5", "5.00", "-12", "1234567", "2.5"], ["d", "5d", "05d", ",d", "<6d", "+d"]):
        yield f"{number} as {form}", f"x = {number}\n" + outputs([f"f'{{x:{form}}}'"])
    for text in TEXTS[1:]:
        yield f"{text} in forms", f"x = {text}\n" + outputs([f"f'[{{x:{form}}}]'" for form in (">9", "<9", "^9", "*^12", "s", ".3", "ß>12.4s", "0")])


def lengths():
    """Lengths of time, and moments that they lie between."""
    made = ["hours(9.5)", "minutes(30)", "seconds(-90)", "days(1)", "weeks(2)", "hours(-1.25)", "minutes(0)"]
    for a, b in itertools.product(made, made):
        zero = b == "minutes(0)"
        yield f"{a} and {b}", f"a = {a}\nb = {b}\n" + outputs(
            ["in_minutes(a + b)", "(a - b).total_seconds()", "a < b", "a <= b", "a == b", "a != b", "[a] == [b]"]
            + ([] if zero else ["a / b", "a // b", "in_minutes(a % b)"]))
    for length, count in itertools.product(made, ["2", "-3", "0.5", "4"]):
        yield f"{length} by {count}", f"a = {length}\nn = {count}\n" + outputs(
            ["in_hours(a * n)", "in_minutes(n * a)", "(a / n).total_seconds()", "in_hours(-a)", "in_hours(abs(a))"]
            + (["in_hours(a // n)"] if "." not in count else []))
    moments = ['datetime("2026-03-02T22:00:00")', 'datetime("2026-03-03T06:15:30")', "combine(date(2026, 3, 29), time(1, 30))",
               "combine(date(2026, 12, 31), time(23, 59, 59))"]
    for a, b in itertools.product(moments, moments):
        yield f"{a} and {b}", f"a = {a}\nb = {b}\n" + outputs(
            ["in_hours(a - b)", "(b - a).total_seconds()", "a < b", "a == b", "a + (b - a) == b", "a.hour", "b.minute", "a.year"])
    for moment, length in itertools.product(moments, made):
        yield f"{moment} + {length}", f"a = {moment}\nb = {length}\n" + outputs(
            ["strftime(a + b, '%Y-%m-%d %H:%M:%S')", "strftime(b + a, '%d.%m. %I:%M %p')", "strftime(a - b, '%H:%M:%S')"])
    for a, b in itertools.product(["time(8, 0)", "time(17, 30)", "time(0, 0)", "time(23, 59, 59)"], repeat=2):
        yield f"{a} and {b}", f"a = {a}\nb = {b}\n" + outputs(
            ["a < b", "a <= b", "a == b", "a > b", "a.hour * 60 + a.minute", "strftime(a, '%I:%M %p')", "sorted([b, a])[0] == a"])


def failures():
    for (kind, expression), (where, context) in itertools.product(FAILURES.items(), CONTEXTS.items()):
        quoted = expression.replace('"', "'") if where == "in a text" else expression
        yield f"{kind} {where}", SETTING + context.format(quoted)


def programs():
    for table in (arithmetic, chance, rounding, comparisons, slices, texts, formats, lengths, failures):
        for name, source in table():
            yield f"{table.__name__}: {name}", source, None
