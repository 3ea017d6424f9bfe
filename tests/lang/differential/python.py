"""Runs SPy under CPython: exact decimals stand in for its numbers, the few functions that Python has not are written
out. `run(source)` gives the outputs, spelled exactly, and the failure: the kind and the line."""
import ast
import datetime
import decimal
import re

MOST = 2**96
PLACES = 28


def _half_even(numerator, denominator):
    """The whole number next to numerator/denominator (denominator > 0), the even one of two."""
    quotient, rest = divmod(numerator, denominator)
    if rest * 2 > denominator or (rest * 2 == denominator and quotient % 2):
        quotient += 1
    return quotient


class Number:
    """mantissa / 10**scale. A result that does not fit 96 bits at a scale of at most 28 is rounded half-even to the
    largest scale at which it fits. Trailing zeros: sums keep the larger scale, products the sum of the scales,
    quotients are as short as they can be."""

    __slots__ = ("mantissa", "scale")

    def __init__(self, mantissa, scale=0):
        self.mantissa, self.scale = mantissa, scale

    @staticmethod
    def fitted(numerator, denominator, scale):
        """numerator/denominator at `scale`, or at the largest below it that fits."""
        for places in range(min(scale, PLACES), -1, -1):
            mantissa = _half_even(numerator * 10**places, denominator)
            if abs(mantissa) < MOST:
                return Number(mantissa, places)
        raise OverflowError("too large")

    @staticmethod
    def read(text):
        text = text.replace("_", "").lower()
        found = re.fullmatch(r"(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?", text.strip())
        if not found or not (found[2] or found[3]):
            raise ValueError("no number: " + text)
        digits, exponent = found[3] or "", int(found[4] or 0)
        mantissa, scale = int((found[2] or "0") + digits), len(digits) - exponent
        if scale < 0:
            mantissa, scale = mantissa * 10**-scale, 0
        return Number(-mantissa if found[1] else mantissa, scale)

    def __str__(self):
        digits = str(abs(self.mantissa)).rjust(self.scale + 1, "0")
        sign = "-" if self.mantissa < 0 else ""
        return sign + (digits[: -self.scale] + "." + digits[-self.scale :] if self.scale else digits)

    def __format__(self, form):
        if not form:
            return str(self)
        if form.endswith("d"):
            if self.mantissa % 10**self.scale:
                raise ValueError("d of a fraction")
            return format(self.__index__(), form)
        if form[-1:] in ("f", "F", "%") and "." not in form:  # six, as of every number of Python's but a Decimal
            form = form[:-1] + ".6" + form[-1]
        return format(decimal.Decimal(str(self)), form)

    def __index__(self):
        if self.mantissa % 10**self.scale:
            raise TypeError("a whole number is needed")
        return self.mantissa // 10**self.scale

    def __bool__(self):
        return self.mantissa != 0

    def _scaled(self, other):
        scale = max(self.scale, other.scale)
        return self.mantissa * 10 ** (scale - self.scale), other.mantissa * 10 ** (scale - other.scale), scale

    def add(self, other):
        a, b, scale = self._scaled(other)
        return Number.fitted(a + b, 10**scale, scale)

    def multiply(self, other):
        scale = self.scale + other.scale
        return Number.fitted(self.mantissa * other.mantissa, 10**scale, scale)

    def divide(self, other):
        a, b, _ = self._scaled(other)
        if b == 0:
            raise ZeroDivisionError
        if b < 0:
            a, b = -a, -b
        for places in range(PLACES + 1):
            if a * 10**places % b == 0 and abs(a * 10**places // b) < MOST:
                return Number(a * 10**places // b, places)
        return Number.fitted(a, b, PLACES)

    def floor_divide(self, other):
        a, b, _ = self._scaled(other)
        return Number.fitted(a // b, 1, 0)

    def modulo(self, other):
        a, b, scale = self._scaled(other)
        return Number.fitted(a % b, 10**scale, scale)

    def power(self, other):
        exponent = other.__index__()
        if exponent < 0:
            return Number(1).divide(self.power(Number(-exponent)))
        return Number.fitted(self.mantissa**exponent, 10 ** (self.scale * exponent), self.scale * exponent)

    def __neg__(self):
        return Number(-self.mantissa, self.scale)

    def __pos__(self):
        return self

    def __abs__(self):
        return Number(abs(self.mantissa), self.scale)

    def __round__(self, places=None):
        places = 0 if places is None else places.__index__()
        kept = max(places, 0)
        if places >= self.scale:
            for filled in range(min(places, PLACES), self.scale - 1, -1):
                if abs(self.mantissa) * 10 ** (filled - self.scale) < MOST:
                    return Number(self.mantissa * 10 ** (filled - self.scale), filled)
        whole = _half_even(self.mantissa, 10 ** (self.scale - places))
        return Number.fitted(whole * 10 ** (kept - places), 10**kept, kept)

    def __eq__(self, other):
        if not isinstance(other, (Number, bool)):
            return NotImplemented
        a, b, _ = self._scaled(lift(int(other)) if isinstance(other, bool) else other)
        return a == b

    def __hash__(self):
        mantissa, scale = self.mantissa, self.scale
        while scale and mantissa % 10 == 0:
            mantissa, scale = mantissa // 10, scale - 1
        return hash(mantissa) if scale == 0 else hash((mantissa, scale))


def _operator(name, of, reflected=False):
    def method(self, other):
        if isinstance(other, bool):
            other = Number(int(other))
        if not isinstance(other, Number):
            return NotImplemented
        return of(other, self) if reflected else of(self, other)

    setattr(Number, name, method)


for _name, _of in {
    "add": Number.add,
    "sub": lambda a, b: a.add(-b),
    "mul": Number.multiply,
    "truediv": Number.divide,
    "floordiv": Number.floor_divide,
    "mod": Number.modulo,
    "pow": Number.power,
}.items():
    _operator(f"__{_name}__", _of)
    _operator(f"__r{_name}__", _of, reflected=True)
for _name, _of in {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}.items():
    _operator(f"__{_name}__", lambda a, b, of=_of: of(*a._scaled(b)[:2]))


def _plain(number):
    if not isinstance(number, Number):
        return number
    return float(str(number)) if number.mantissa % 10**number.scale else number.__index__()


def _ratio(length, other):
    unit = datetime.timedelta(microseconds=1)
    return Number(datetime.timedelta.__floordiv__(length, unit)).divide(Number(datetime.timedelta.__floordiv__(other, unit)))


class Length(datetime.timedelta):
    """A timedelta beside Numbers: what CPython does, and exact where it would give a float."""

    def __mul__(self, other):
        return super().__mul__(_plain(other))

    __rmul__ = __mul__

    def __truediv__(self, other):
        return _ratio(self, other) if isinstance(other, datetime.timedelta) else super().__truediv__(_plain(other))

    def __floordiv__(self, other):
        return super().__floordiv__(_plain(other))

    def total_seconds(self):
        return _ratio(self, datetime.timedelta(seconds=1))


def _length(unit):
    return lambda count: Length(**{unit: _plain(count)})


def _parts(kind):
    return lambda *parts: kind.fromisoformat(parts[0]) if isinstance(parts[0], str) else kind(*map(_plain, parts))


def lift(value):
    """What a Python function gave, with its ints as Numbers."""
    if isinstance(value, datetime.timedelta):
        return Length(value.days, value.seconds, value.microseconds)
    return Number(value) if isinstance(value, int) and not isinstance(value, bool) else value


def spell(value):
    if isinstance(value, Number):
        return f"n{value}"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(spell, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{spell(key)}: {spell(item)}" for key, item in value.items()) + "}"
    if isinstance(value, set):
        return "set(" + ", ".join(sorted(map(spell, value))) + ")"
    return str(value)


class Failed(Exception):
    """`fail("…")`"""


class Finished(Exception):
    """`finish()`"""


class NoMatch(Exception):
    """`first` and `last` of nothing."""


def _first(items):
    for item in items:
        return item
    raise NoMatch


def _last(items):
    return _first(reversed(list(items)))


def _number(value):
    return Number.read(value) if isinstance(value, str) else lift(value) + Number(0)


def _int(value):
    number = _number(value)
    return Number((abs(number.mantissa) // 10**number.scale) * (-1 if number.mantissa < 0 else 1))


def _round(value, places=None):
    return round(value + Number(0), places)


def _sort_by(items, key, down=False):
    keys = key if isinstance(key, list) else [key]
    return sorted(items, key=lambda item: [item[name] for name in keys], reverse=down)


def _unique(items):
    kept = []
    for item in items:
        if item not in kept:
            kept.append(item)
    return kept


def _ensure(condition, message=None):
    if not condition:
        raise AssertionError(message)


def _fail(reason):
    raise Failed(reason)


def _finish():
    raise Finished


class _Numbers(ast.NodeTransformer):
    """Numbers become exact, and so does what Python's own functions give."""

    def __init__(self, source):
        self.source = source

    @staticmethod
    def _call(name, node, arguments):
        return ast.copy_location(ast.Call(ast.copy_location(ast.Name(name, ast.Load()), node), arguments, []), node)

    def visit_Constant(self, node):
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            return node
        segment = ast.get_source_segment(self.source, node)
        return self._call("_read", node, [ast.copy_location(ast.Constant(segment), node)])

    def visit_FormattedValue(self, node):
        self.generic_visit(node)
        if not node.format_spec:
            node.value = self._call("str", node, [node.value])
        return node

    def _lifted(self, node):
        self.generic_visit(node)
        return self._call("_lift", node, [node])

    visit_Call = visit_BinOp = visit_UnaryOp = visit_Attribute = _lifted


def run(source):
    """(outputs, failure): [(name, spelled)], and None or (name of the exception, line)."""
    outputs = {}

    def set_output(name, value):
        outputs[name] = spell(value)

    names = {
        "_read": Number.read, "_lift": lift, "set_output": set_output, "str": str, "say": lambda text: None,
        "range": lambda *bounds: [Number(i) for i in range(*bounds)],
        "enumerate": lambda items, start=0: [(Number(i), item) for i, item in enumerate(items, start)],
        "zip": lambda *lists: list(zip(*lists)), "reversed": lambda items: list(reversed(items)),
        "sum": lambda items: sum(items, Number(0)), "round": _round, "int": _int, "float": _number,
        "number": _number, "format": format, "first": _first, "last": _last, "unique": _unique, "sort_by": _sort_by,
        "sort_down_by": lambda items, key: _sort_by(items, key, True), "ensure": _ensure, "fail": _fail,
        "finish": _finish, "contains": lambda container, item: item in container, "join": lambda by, items: by.join(items),
        "between": lambda value, low, high: low <= value <= high, "is_empty": lambda value: len(value) == 0,
        "find": lambda record, key: record.get(key),
        "date": _parts(datetime.date), "time": _parts(datetime.time), "datetime": _parts(datetime.datetime),
        "combine": datetime.datetime.combine, "hour": lambda moment: moment.hour, "minute": lambda moment: moment.minute,
        "year": lambda moment: moment.year, "strftime": lambda moment, form: moment.strftime(form),
        "in_hours": lambda length: length / Length(hours=1), "in_minutes": lambda length: length / Length(minutes=1),
        **{unit: _length(unit) for unit in ("weeks", "days", "hours", "minutes", "seconds")},
    }
    tree = ast.fix_missing_locations(_Numbers(source).visit(ast.parse(source)))
    failure = None
    try:
        exec(compile(tree, "<spy>", "exec"), names)
    except Finished:
        pass
    except Exception as error:  # whatever a program may raise
        line, frame = 0, error.__traceback__
        while frame:
            if frame.tb_frame.f_code.co_filename == "<spy>":
                line = frame.tb_lineno
            frame = frame.tb_next
        failure = (type(error).__name__, line)
    return list(outputs.items()), failure
