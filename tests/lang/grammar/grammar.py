"""Holds the two grammars of docs/language-reference.md against the readers and the printers. Output is TAP.

    grammar.py TEXTS SOURCE_ROOT

TEXTS is the program of texts.c. Every nonterminal is defined and used; texts that are made up out of the grammar, until every
alternative was taken, are accepted by the reader; and what the printer prints of random trees is a text of the grammar."""
import os
import random
import re
import subprocess
import sys
import threading

TEXTS, ROOT = os.path.abspath(sys.argv[1]), sys.argv[2]
N_MADE, N_PRINTED, REPEATED, ROOMS = 40, 100, 4, (20, 40, 80)
results = []


def tell(ok, what, detail=""):
    results.append(ok)
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {what}")
    if not ok:
        print("# " + detail.rstrip().replace("\n", "\n# "))


def texts(*words, given=None):
    done = subprocess.run([TEXTS, *words], input=given, stdout=subprocess.PIPE, check=True, timeout=100)
    return done.stdout.decode()


# ---- the notation: ("lit", word), ("ref", name), ("seq", [...]), ("alt", [...]), ("opt", x), ("rep", x), ("stop", words, x) ----

SYMBOL = re.compile(r'\s*(?:"([^"]*)"|([A-Za-z_]+)|([=|;()\[\]{}]))')


def parse_grammar(text):
    symbols, at = [], 0
    while text[at:].strip():
        found = SYMBOL.match(text, at)
        assert found, f"no notation: {text[at:at + 40]!r}"
        symbols.append(("lit", found[1]) if found[1] is not None else ("ref", found[2]) if found[2] else (found[3], ""))
        at = found.end()
    rules = {}
    while symbols:
        (_, name), (sign, _) = symbols.pop(0), symbols.pop(0)
        assert sign == "=" and name not in rules, f"{name} is defined twice, or not with ="
        rules[name] = parse_alternatives(symbols)
        assert symbols.pop(0)[0] == ";", f"no ; behind {name}"
    return rules


def parse_alternatives(symbols):
    found = [parse_sequence(symbols)]
    while symbols[0][0] == "|":
        symbols.pop(0)
        found.append(parse_sequence(symbols))
    return found[0] if len(found) == 1 else ("alt", found)


def parse_sequence(symbols):
    items = []
    while symbols[0][0] not in "|;)]}":
        kind, text = symbols.pop(0)
        if kind == "lit":
            items += [("lit", word) for word in text.split()]
        elif kind == "ref":
            items.append(("ref", text))
        else:
            inner = parse_alternatives(symbols)
            assert symbols.pop(0)[0] == {"(": ")", "[": "]", "{": "}"}[kind]
            items.append({"(": inner, "[": ("opt", inner), "{": ("rep", inner)}[kind])
    return items[0] if len(items) == 1 else ("seq", items)


def kids(expr):
    return expr[1] if expr[0] in ("seq", "alt") else [expr[1]] if expr[0] in ("opt", "rep") else [expr[2]] if expr[0] == "stop" else []


def refs(expr):
    return {expr[1]} if expr[0] == "ref" else {name for kid in kids(expr) for name in refs(kid)}


# ---- what the tables of functions and the books add ----

VERBS = {"is", "are", "starts", "start", "begins", "begin", "includes", "include", "ends", "end", "contains", "contain", "matches", "match"}
UNITS = {"%", "percent", "months", "month", "years", "year"}
KEYS = ("sorted by", "grouped by", "without duplicates by")


def function_rows(reference):
    table = reference[reference.index("<!-- functions:"):reference.index("<!-- end of functions")]
    section = ""
    for line in table.splitlines():
        if line.startswith("#### "):
            section = line[5:]
        elif line.startswith("| `"):
            english, spy = re.match(r"\| (.*) \| `(.*)` \| .* \|$", line).groups()
            yield section, re.findall(r"`([^`]*)`", english), spy


def with_and_without(form):
    """Each part in brackets there and not there."""
    found = re.match(r"(.*)\[([^][]*)\](.*)$", form)
    return [form] if not found else with_and_without(found[1] + found[2] + found[3]) + with_and_without(found[1] + found[3])


def is_gap(word):
    return word in ("A", "B", "C") or word.startswith("{")


def pieces(form):
    return re.findall(r"\{[a-z_]+\}|[A-C](?![a-z])|[a-zA-Z0-9]+|%", form)


class Forms:
    """Forms of one kind, as a grammar: which value a gap takes depends on what may follow it."""

    def __init__(self, inner, ends):
        self.inner, self.ends, self.forms = inner, ends, []

    def add(self, form, skip=0):
        found = pieces(form)
        if found[skip:] not in [done[0] for done in self.forms]:
            self.forms.append((found[skip:], form))

    def rule(self):
        all_forms = [done for done, _ in self.forms]
        return ("alt", [("seq", [self.item(done, i, text, all_forms) for i in range(len(done))]) for done, text in self.forms])

    def item(self, form, i, text, all_forms):
        if not is_gap(form[i]):
            return ("lit", form[i])
        if form[i] == "{result}":
            return ("ref", "name")
        here = [w if not is_gap(w) else "·" for w in form[:i + 1]]
        longer = [f for f in all_forms if [w if not is_gap(w) else "·" for w in f[:i + 1]] == here]
        stops = {f[i + 1] for f in longer if len(f) > i + 1}
        value = ("ref", self.inner)
        if self.ends and any(len(f) == i + 1 for f in longer):
            value = ("ref", "end") if not stops else ("ref", "primary")
        names = (form[i] in ("{key}", "{amount}") and self.inner == "sum") or (form[i] == "B" and any(key in text for key in KEYS))
        if names:
            value = ("alt", [value, ("ref", "key")])
        if form[i] == "{columns}" or (form[i] == "B" and "columns" in text):
            value = ("alt", [value, parse_grammar('x = TEXT separator TEXT { separator TEXT } ;')["x"]])
        return ("stop", stops, value) if stops else value


def english_additions(rows, books):
    phrase, postfix, rounding = Forms("sum", True), Forms("sum", True), Forms("sum", True)
    condition, negated, action, functions = Forms("sum", False), Forms("sum", False), Forms("value", False), []
    actions = []
    for section, forms, spy in rows:
        name, counts = arity(spy)
        words = name.replace("_", " ")
        if section != "Changes":
            functions += [f'"{words} with" sum ' + "separator sum " * (n - 1) for n in counts if n]
        for form in [expanded for form in forms for expanded in with_and_without(form)]:
            found = pieces(form)
            if form.startswith(("the result of", "find ")):
                continue
            if section == "Changes":
                actions.append(f'"do {words} with" sum separator sum')
            if form.startswith("do "):
                continue
            if section == "Changes":
                action.add(form)
            elif found[0] == "A" and found[1] in VERBS:
                condition.add(form, 1)
                if found[1] in ("is", "are") and found[2] != "not":
                    negated.add(form.replace(f" {found[1]} ", f" {found[1]} not ", 1), 1)
                elif found[1] in ("start", "begin", "end", "contain", "include", "match"):
                    negated.add(form.replace("A ", "A does not ", 1), 1)
                    negated.add(form.replace("A ", "A do not ", 1), 1)
            elif is_gap(found[0]) and "rounded" in found:
                rounding.add(form, 1)
            elif is_gap(found[0]) and found[1] not in UNITS and not (found[1] in UNIT_WORDS):
                postfix.add(form, 1)
            elif not is_gap(found[0]):
                phrase.add(form)
    sentences = []
    for line in books:
        procedure, forms, parameters = line.split("\t")
        for form in forms.split("|"):
            if form.startswith("the total"):
                phrase.add(form)
            elif form.startswith("{"):
                postfix.add(form, 1)
            else:
                made = Forms("value", False)
                made.add(form)
                left = [p.replace("_", " ") for p in parameters.split() if "{" + p + "}" not in form]
                sentences.append(("seq", [("left", left), made.rule()]))
    rules = {"PHRASE": phrase.rule(), "POSTFIX": postfix.rule(), "ROUNDING": rounding.rule(), "CONDITION": condition.rule(), "NEGATED": negated.rule(),
             "ACTION": ("alt", [action.rule(), parse_grammar(f'x = {" | ".join(actions)} ;')["x"]]), "SENTENCE": ("alt", sentences)}
    rules.update(parse_grammar(f'FUNCTION = {" | ".join(functions)} ; FURTHER = "the" LEFT ( "is" value | "are" items ) NEWLINE ;'))
    return rules


UNIT_WORDS = {"seconds", "second", "minutes", "minute", "hours", "hour", "days", "day", "weeks", "week"}


def arity(spy):
    """The name, and how many values `A.get(B[, C])` may have, the receiver among them: "…" is up to nine."""
    receiver = spy.startswith("A.")
    name, inside = re.match(r"(?:A\.)?(\w+)\((.*)\)$", spy).groups()
    counts = {len(re.findall(r"[A-C]", form)) + receiver for form in with_and_without(inside)}
    return name, sorted(counts | set(range(max(counts) + 1, 10)) if "…" in inside else counts)


def spy_additions(rows):
    kinds = {"FUNCTION": [], "METHOD": [], "CHANGE": [], "DURATION": []}
    for section, _, spy in rows:
        name, counts = arity(spy)
        receiver = spy.startswith("A.")
        shapes = ["argument" if n == 1 else "lazy" + ' "," lazy' * (n - 1) for n in (count - receiver for count in counts) if n]
        shapes = [shape + ' [ "," ]' for shape in shapes]
        shapes = [""] * (receiver in counts) + shapes
        kind = "CHANGE" if section == "Changes" else "METHOD" if receiver else "FUNCTION"
        kinds[kind].append(f'"{name}" "(" ( {" | ".join(shapes)} ) ")"' if any(shapes) else f'"{name}" "(" ")"')
        if name in UNIT_WORDS and name.endswith("s"):
            kinds["DURATION"].append(f'"{name}" "(" NUMBER ")"')
    return parse_grammar(" ".join(f'{kind} = {" | ".join(forms)} ;' for kind, forms in kinds.items()))


# ---- making texts ----

class Stuck(Exception):
    """An optional part that has nothing left to say."""


class Maker:
    """Makes texts out of a grammar: the alternative that was taken least, until a text is long enough, then the shortest."""
    WRAPPED = {"sum", "primary", "value", "constant", "quantified"}
    SHORT = {"value", "sum", "primary", "condition", "negation", "operand", "either", "expression", "expressions"}
    ONLY_IN = {"bare": ("field",), "ending": ("procedure", "define")}  # what stands in a part of the grammar alone

    def __init__(self, rules, words, seed):
        self.rules, self.words, self.random = rules, words, random.Random(seed)
        self.taken, self.freely, self.inside, self.left, self.turn = {}, {}, [], [], {}
        self.least, self.target, self.short = {}, None, {}
        parts = [part for rule in rules.values() for part in parts_of(rule)]
        self.outer = {id(part): [] for part in parts}
        for part in parts:
            for inner in [rules[part[1]]] if part[0] == "ref" and part[1] in rules else kids(part):
                self.outer[id(inner)].append(id(part))
        self.measure()

    def size(self, expr):
        found = self.sizes.get(id(expr))
        if found is None:
            found = self.sizes[id(expr)] = self.size_of(expr)
        return found

    def size_of(self, expr):
        kind = expr[0]
        if kind == "alt":
            return min(self.size(kid) for kid in expr[1])
        if kind == "seq":
            return sum(self.size(kid) for kid in expr[1])
        if kind == "ref":
            return self.least.get(expr[1], 1 if expr[1] not in self.rules else 10**6)
        return {"lit": 1, "opt": 0, "rep": 0, "left": 0}.get(kind) if kind != "stop" else self.size(expr[2])

    def measure(self):
        changed = True
        while changed:
            self.sizes = {}
            found = {name: self.size(rule) + 0.1 for name, rule in self.rules.items()}
            changed, self.least = found != self.least, found

    def usable(self, expr):
        if expr[0] == "ref" and expr[1] in self.ONLY_IN:
            return any(name in self.inside for name in self.ONLY_IN[expr[1]])
        return True

    def choose(self, expr, options):
        """The index of an option: all are counted, each must be taken once."""
        taken = self.taken.setdefault(id(expr), [0] * len(options))
        counts = self.freely.setdefault(id(expr), [0] * len(options))
        usable = [i for i, option in enumerate(options) if option is None or self.usable(option)]
        if not usable:
            raise Stuck
        if self.target:
            usable = self.nearer(expr, options, usable)
        elif self.room > 0:
            low = min(counts[i] for i in usable)
            usable = [i for i in usable if counts[i] <= low + 1]
        else:
            low = min(self.size(options[i]) if options[i] else 0 for i in usable)
            usable = [i for i in usable if (self.size(options[i]) if options[i] else 0) <= low + 0.5]
        chosen = self.random.choice(usable)
        taken[chosen] += 1
        counts[chosen] += self.room > 0
        self.room -= 1
        return chosen

    def make(self, expr, stops):
        return getattr(self, "make_" + expr[0])(expr, stops)

    def make_lit(self, expr, _):
        return [expr[1]]

    def make_left(self, expr, _):
        self.left = list(expr[1])
        return []

    def make_stop(self, expr, stops):
        return self.make(expr[2], stops | expr[1])

    def make_alt(self, expr, stops):
        return self.make(expr[1][self.choose(expr, expr[1])], stops)

    def make_seq(self, expr, stops):
        listed = any(kid[0] == "rep" and "separator" in refs(kid) for kid in expr[1]) or ("ref", "separator") in expr[1]
        inner, made = stops | ({"and", ","} if listed else set()), []
        shares = [0 if kid[0] == "lit" else self.random.random() + 0.1 for kid in expr[1]]
        room, first = self.room / (sum(shares) or 1), []
        followed = any(expr is self.rules.get(name) for name in ("loose", "exact"))
        target, self.target = self.target, None
        nearest = min(expr[1], key=lambda kid: self.distance.get(id(kid), FAR)) if target else None
        for i, (kid, share) in enumerate(zip(expr[1], shares)):
            self.room = room * share
            self.target = target if kid is nearest else None
            made += self.make(kid, inner | goes_on(expr[1], i))
            if i == 0:
                first = list(made)
        if followed and len(made) > len(first) and at_the_top(first) & OPEN_ENDED:
            made = ["(", *first, ")", *made[len(first):]]
        return made

    def make_opt(self, expr, stops):
        if self.choose(expr, [None, expr[1]]) == 0:
            return []
        try:
            return self.make(expr[1], stops)
        except Stuck:
            return []

    def make_rep(self, expr, stops):
        made, room, at_top = [], self.room, not self.aimed and expr[1][0] == "alt" and len(self.inside) == 1
        for turn in range(REPEATED * 4 if at_top else REPEATED):
            self.room = room / (turn + 1)
            if not (at_top and turn < REPEATED * 3) and self.choose(expr, [None, expr[1]]) == 0:
                break
            try:
                made += self.make(expr[1], stops)
            except Stuck:
                break
        return made

    def make_ref(self, expr, stops):
        name = expr[1]
        if name == "LEFT":
            if not self.left:
                raise Stuck
            return [self.left.pop(0)]
        if name not in self.rules:
            words, self.turn[name] = self.words[name], self.turn.get(name, -1) + 1
            word = words[self.turn[name] % len(words)]
            return word if isinstance(word, list) else [word]
        if self.room <= 0 and name in self.SHORT and not self.target:
            return self.make_short(name, stops)
        if name == "statement" and self.inside.count("statement") < 2:
            self.room = self.budget
        self.inside.append(name)
        stops = stops | ({"and", ","} if name == "items" else OPEN_ENDED if name in ("POSTFIX", "ROUNDING") else set())
        made = self.make(self.rules[name], stops)
        self.inside.pop()
        top = at_the_top(made) if name in self.WRAPPED else set()
        begins = " ".join(made[:3])
        goes_on_with = ({"from", "to", "by"} if begins == "the slice of" and name == "slice"
                        else {"with"} if begins == "the result of" and name == "opened" else set())
        if stops & (top | goes_on_with) or ("as" in stops and "with" in top):
            made = ["(", *made, ")"]
        return made

    def nearer(self, expr, options, usable):
        """Of the options those that lead to the one that was never taken."""
        if self.target[0] is expr:
            wanted, self.target = self.target[1], None
            return [wanted] if wanted in usable else usable
        far = [self.distance.get(id(options[i]), FAR) if options[i] else FAR for i in usable]
        return [i for i, d in zip(usable, far) if d == min(far)] if min(far) < FAR else usable

    def aim_at(self, expr, index):
        """Measures the way from every part of the grammar to this one."""
        self.target, self.distance, waiting = (expr, index), {id(expr): 0}, [id(expr)]
        for part in waiting:
            for outer in self.outer[part]:
                if outer not in self.distance:
                    self.distance[outer] = self.distance[part] + 1
                    waiting.append(outer)

    def text(self, start, target=None):
        self.target, self.aimed = None, bool(target)
        if target:
            self.aim_at(*target)
        self.room = self.budget = self.random.choice(ROOMS)
        self.inside, self.left = [], []
        return self.make(("ref", start), frozenset())

    def make_short(self, name, stops):
        """One of a few short ones that were made before: most values are."""
        kept = self.short.setdefault((name, "field" in self.inside), [])
        if len(kept) < 12:
            self.inside.append(name)
            kept.append(self.make(self.rules[name], frozenset()))
            self.inside.pop()
        made = self.random.choice(kept)
        return ["(", *made, ")"] if name in self.WRAPPED and stops & at_the_top(made) else list(made)

    def untaken(self):
        """(rule, alternatives, index) of what was never taken."""
        for name, rule in self.rules.items():
            for expr in parts_of(rule):
                if expr[0] not in ("alt", "opt", "rep"):
                    continue
                options = expr[1] if expr[0] == "alt" else [None, expr[1]]
                counts = self.taken.get(id(expr), [0] * len(options))
                yield from ((name, expr, i) for i in range(len(options)) if counts[i] == 0)


FAR = 10**6


def parts_of(expr):
    yield expr
    for kid in kids(expr):
        yield from parts_of(kid)


OPEN_ENDED = {"whose", "every", "any", "no"}


def first_words(items):
    """The words that these parts may begin with."""
    found = set()
    for item in items:
        if item[0] == "lit":
            return found | {item[1]}
        if item[0] not in ("opt", "rep", "seq", "alt"):
            return found
        for kid in kids(item) if item[0] == "alt" else [kids(item)]:
            found |= first_words(kid if isinstance(kid, list) else [kid])
        if item[0] in ("seq", "alt"):
            return found
    return found


def goes_on(items, i):
    """The words that follow a value, or may follow it."""
    if items[i] in VALUES:
        return first_words(items[i + 1:])
    words = first_words(items[i + (items[i][0] != "rep"):])
    joined = {"whose"} if words & {"and", "or"} and refs(items[i]) & JOINED else set()  # it could belong to a filter
    return joined | (words if items[i][0] in ("opt", "rep", "alt") else set())  # a value may be its last part


JOINED = {"side", "trait", "thing", "neutral"}
VALUES = [("ref", name) for name in ("value", "sum", "primary", "condition", "test", "decision", "joined", "place", "target", "through", "items", "end")]


def show(expr):
    if isinstance(expr, str):
        return expr
    return {"lit": lambda: f'"{expr[1]}"', "ref": lambda: expr[1]}.get(expr[0], lambda: " ".join(show(kid) for kid in kids(expr)) or expr[0])()


def at_the_top(made):
    """The words outside parentheses and braces."""
    depth, found = 0, set()
    for word in made:
        depth -= word in (")", "]", "}") or word.startswith("}")
        if depth == 0:
            found.add(word)
        depth += word in ("(", "[", "{") or word.endswith("{")
    return found


def laid_out(made, joint):
    """Tokens → lines: what stands in `joint` follows without a blank, where the word before it is no text's end."""
    lines, indent, line = [], 0, ""
    for word in made:
        if word == "NEWLINE":
            lines.append("    " * indent + line)
            line = ""
        elif word in ("INDENT", "DEDENT"):
            indent += 1 if word == "INDENT" else -1
        else:
            line += word if not line or joint(line, word) else " " + word
    assert not line, line
    return "\n".join(lines) + "\n"


# ---- recognising texts ----

class Recogniser:
    """Which places a rule may end at, remembered for every rule and place."""

    def __init__(self, rules, classes):
        self.rules, self.classes = rules, classes
        self.first, self.empty = {}, set()
        changed = True
        while changed:
            before = (sum(map(len, self.first.values())), len(self.empty))
            for name, rule in rules.items():
                self.first.setdefault(name, set()).update(self.firsts(rule))
                if self.may_be_empty(rule):
                    self.empty.add(name)
            changed = before != (sum(map(len, self.first.values())), len(self.empty))
        self.firsts_of = {}
        for rule in rules.values():
            self.note(rule)

    def note(self, expr):
        self.firsts_of[id(expr)] = (self.firsts(expr), self.may_be_empty(expr))
        for kid in kids(expr):
            self.note(kid)

    def may_be_empty(self, expr):
        kind = expr[0]
        if kind == "ref":
            return expr[1] in self.empty
        return {"opt": True, "rep": True, "lit": False, "left": True}[kind] if kind not in ("alt", "seq", "stop") else (
            any if kind == "alt" else all)(self.may_be_empty(kid) for kid in kids(expr))

    def firsts(self, expr):
        kind = expr[0]
        if kind == "lit":
            return {expr[1]}
        if kind == "ref":
            return self.first.get(expr[1], set()) if expr[1] in self.rules else {expr[1]}
        found = set()
        for kid in kids(expr):
            found |= self.firsts(kid)
            if kind == "seq" and not self.may_be_empty(kid):
                break
        return found

    def accepts(self, tokens, start):
        """None, or the furthest token that was looked at."""
        self.tokens, self.done, self.furthest = tokens, {}, 0
        self.keys = [self.classes(token) for token in tokens] + [frozenset()]
        return None if len(tokens) in self.ends(("ref", start), 0) else self.furthest

    def ends(self, expr, at):
        kind = expr[0]
        self.furthest = max(self.furthest, at)
        if kind == "lit":
            return {at + 1} if expr[1] in self.keys[at] else set()
        if kind == "ref" and expr[1] not in self.rules:
            return self.terminal(expr[1], at)
        if kind == "left":
            return {at}
        firsts, empty = self.firsts_of.get(id(expr), (None, True))
        if firsts is not None and not empty and not firsts & self.keys[at]:
            return set()
        if kind == "ref":
            key = (expr[1], at)
            if key not in self.done:
                self.done[key] = self.ends(self.rules[expr[1]], at)
            return self.done[key]
        if kind == "stop":
            return self.ends(expr[2], at)
        if kind == "alt":
            return set().union(*(self.ends(kid, at) for kid in expr[1]))
        if kind == "seq":
            places = {at}
            for kid in expr[1]:
                places = set().union(*(self.ends(kid, place) for place in places))
                if not places:
                    break
            return places
        found, new = {at}, {at}
        while new:
            new = set().union(*(self.ends(expr[1], place) for place in new)) - found
            found |= new
            if kind == "opt":
                break
        return found

    def terminal(self, name, at):
        if name not in self.keys[at]:
            return set()
        found, place = {at + 1}, at + 1
        more = "word" if name in ("PROCEDURE", "PARAMETER") else "more"
        while name in SEVERAL and place < len(self.tokens) and more in self.keys[place]:
            place += 1
            found.add(place)
        return found


SEVERAL = {"WORDS", "SINGULAR", "PLURAL", "PARAMETER", "PROCEDURE", "LEFT"}  # one or more words


# ---- English ----

HARD = set("the a an and or not is are if then otherwise of to from in as by with for whose where plus minus divided modulo using usually without".split())
ENGLISH_WORDS = {
    "WORDS": ["invoice total", "rate", "invoices", "customer", "due date", "purchase orders", "limit", "x", "orders"],
    "SINGULAR": ["order", "invoice", "purchase order", "price"],
    "PLURAL": ["invoices", "purchase orders", "prices", "children"],
    "ORDINAL": ["first", "second", "ninth", "last", "fifth"],
    "PROCEDURE": ["price an order", "check it", "send the list of all"],
    "PARAMETER": [f"{a} {b}" for a in ("net", "gross", "old", "new", "late", "early") for b in ("amount", "vendor", "place", "code")],
    "LABEL": ['"erp"', '"main_mailbox"', '"x_1"'], "HEADING": ['"Requester Email"'],
    "SOLE": ['"order"', '"and"'], "KEYWORD": [f'"k{i}"' for i in range(50)], "CALLED": ['"files.read_table"', '"price_order"', '"erp.http.get"'], "NTH": ["second", "ninth"],
    "TEXT": ['"paid"', '"it is \\"so\\", and more"', '""', "“typographic”"],
    "OPENING": ['"Dear {', '"{'], "MIDDLE": ["}, and {"], "CLOSING": ['}"', '} left."'],
    "NUMBER": ["5", "12.50", "0", "$1,250.00", "1,250.00 EUR"],
    "DATE": ["2026-04-14"], "TIME": ["14:30", "14:30:15.5"], "MOMENT": ["2026-04-14T10:00:00Z"],
    **{name: [name] for name in ("NEWLINE", "INDENT", "DEDENT")},
}
ENGLISH_TOKEN = re.compile(r"""
    (?P<blank>[ \t]+|\#.*) | (?P<MOMENT>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?) | (?P<DATE>\d{4}-\d\d-\d\d)
    | (?P<TIME>\d\d?:\d\d(?::\d\d(?:\.\d+)?)?) | (?P<NUMBER>\d+(?:\.\d+)?(?![\d\w])) | (?P<sign>'s(?!\w)|'|\*\*|//|!=|<>|<=|>=|==|[(),+\-*/%=<>.:])
    | (?P<word>(?:[^\W_]|_)(?:\w|-(?=[A-Za-z]))*)""", re.X)
PIECE = re.compile(r'(?:[^"{}\\]|\{\{|\}\}|\\[^"\\]|\\["\\])*')


def english_tokens(text):
    """Lines → (kind, text), with NEWLINE, INDENT and DEDENT; comments and blank lines aside."""
    tokens, indents = [], [0]
    for line in text.split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        tokens += indentation(len(line) - len(line.lstrip()), indents)
        at, open_texts = len(line) - len(line.lstrip()), 0
        while at < len(line):
            if line[at] == '"' or (line[at] == "}" and open_texts):
                begins = line[at] == '"'
                end = PIECE.match(line, at + 1).end()
                goes_on = line[end] == "{"
                tokens.append((("OPENING" if goes_on else "TEXT") if begins else ("MIDDLE" if goes_on else "CLOSING"), line[at:end + 1]))
                open_texts += begins and goes_on
                open_texts -= not begins and not goes_on
                at = end + 1
                continue
            found = ENGLISH_TOKEN.match(line, at)
            assert found, line[at:]
            if found.lastgroup != "blank":
                tokens.append((found.lastgroup, found[0].lower()))
            at = found.end()
        tokens.append(("NEWLINE", "NEWLINE"))
    return tokens + indentation(0, indents)


def indentation(indent, indents):
    made = []
    if indent > indents[-1]:
        indents.append(indent)
        made.append(("INDENT", "INDENT"))
    while indent < indents[-1]:
        indents.pop()
        made.append(("DEDENT", "DEDENT"))
    return made


ORDINALS = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "last"}


def english_classes(token):
    kind, text = token
    if kind == "word":
        names = frozenset({"more", "WORDS", "SINGULAR", "PLURAL", "LEFT"}) if text not in HARD else frozenset(
            {"WORDS", "SINGULAR", "LEFT"} if text in ("a", "an") else ())
        return names | {text, "PARAMETER", "PROCEDURE", "word"} | ({"ORDINAL", "NTH"} if text in ORDINALS else set())
    return frozenset({kind, text} | ({"LABEL", "HEADING", "CALLED", "LEFT", "SOLE", "KEYWORD"} if kind == "TEXT" and re.fullmatch(r'"[^"{}\\]*"', text) else set()))


def english_joint(line, word):
    return word in ("'s", "'", ",", ".", ":", "%") or word.startswith("}") or line.endswith("{")


# ---- SPy ----

SPY_WORDS = {
    "NAME": ["invoice", "invoices", "total", "x_1", "due_date", "class_"],
    "BOOK": ["files", "email"], "PROCEDURE": ["price_an_order", "check_it"],
    "PARAMETER": [f"{a}_{b}" for a in ("net", "gross", "old", "new", "late", "early") for b in ("amount", "vendor", "place", "code")],
    "NUMBER": ["5", "12.50", "0", "1_000"], "TEXT": ['"paid"', "'it\\'s'", '""'],
    "LABEL": ['"erp"', '"main_mailbox"'], "HEADING": ['"Requester Email"'], "MOMENT": ['"2026-04-14T10:00:00Z"'],
    "START": ['f"'], "PIECE": ["Dear ", "{{sic}}"], "STOP": ['"'],
    "HOUR": ["9", "23"], "MINUTE": ["0", "30"], "SECOND": ["15.5", "7"], "YEAR": ["2026"], "MONTH": ["4"], "DAY": ["14"],
    **{name: [name] for name in ("NEWLINE", "INDENT", "DEDENT")},
}

SPY_TOKEN = re.compile(r"""
    (?P<blank>[ \t]+|\#.*) | (?P<start>[fF](?="|')) | (?P<TEXT>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<NUMBER>(?:\d[\d_]*(?:\.\d*)?)) | (?P<word>[^\W\d]\w*)
    | (?P<sign>\*\*=|//=|\*\*|//|[-+*/%<>=!]=|[-+*/%<>=()\[\]{},:;.])""", re.X)
PYTHON_WORDS = set("and as assert async await break class continue def del elif else except False finally for from global if import in "
                   "is lambda None nonlocal not or pass raise return True try while with yield".split())


def spy_tokens(text):
    tokens, indents, at, depth, fresh = [], [0], 0, 0, True
    while at < len(text):
        if fresh and depth == 0:
            line = re.compile(r"( *)([^\n]*)\n?").match(text, at)
            if not line[2].strip() or line[2].startswith("#"):
                at = line.end()
                continue
            tokens += indentation(len(line[1]), indents)
            at += len(line[1])
        fresh = False
        if text[at] == "\n":
            tokens += [("NEWLINE", "NEWLINE")] if depth == 0 else []
            fresh, at = depth == 0, at + 1
            continue
        found, at = spy_token(text, at)
        tokens += found
        depth += sum((word in "([{") - (word in ")]}") for kind, word in found if kind == "sign" and len(word) == 1)
    return tokens + indentation(0, indents)


def spy_token(text, at):
    """A token, or all of an f"…", and where it ends."""
    found = SPY_TOKEN.match(text, at)
    assert found, text[at:at + 60]
    if found.lastgroup == "blank":
        return [], found.end()
    if found.lastgroup != "start":
        return [(found.lastgroup, found[0])], found.end()
    quote, at, tokens = text[at + 1], at + 2, [("START", "f")]
    piece = re.compile(r"(?:\{\{|\}\}|\\.|[^\\{}" + quote + r"])+")
    while text[at] != quote:
        said = piece.match(text, at)
        if said:
            tokens, at = tokens + [("PIECE", said[0])], said.end()
            continue
        tokens, at, depth = tokens + [("sign", "{")], at + 1, 0
        while depth or text[at] != "}":
            inner, at = spy_token(text, at)
            depth += sum((word in "([{") - (word in ")]}") for kind, word in inner if kind == "sign") if len(inner) == 1 else 0
            tokens += inner
        tokens, at = tokens + [("sign", "}")], at + 1
    return tokens + [("STOP", quote)], at + 1


def spy_classes(token):
    kind, text = token
    if kind == "word":
        return frozenset({text} if text in PYTHON_WORDS else {text, "NAME", "BOOK", "PROCEDURE", "PARAMETER"})
    if kind == "NUMBER":
        return frozenset({"NUMBER", text, "HOUR", "MINUTE", "SECOND", "YEAR", "MONTH", "DAY"})
    return frozenset({kind, text, "LABEL", "HEADING", "MOMENT"} if kind == "TEXT" else {kind, text})


def spy_joint(line, word):
    return line.endswith('f"') or (word == '"' and not line.endswith("=")) or line.endswith("Dear ")


# ---- the tests ----

def check_defined(what, rules, tokens, start):
    used = set().union(*(refs(rule) for rule in rules.values())) | {start}
    undefined = sorted(name for name in used - set(rules) if name not in tokens)
    tell(not undefined, f"{what}: every nonterminal is defined, every token is known", ", ".join(undefined))
    unused = sorted((set(rules) - used) | (set(tokens) - used - {"more"}))
    tell(not unused, f"{what}: all that is defined is used", ", ".join(unused))


def check_made(what, maker, start, joint, prelude):
    made = [laid_out(maker.text(start), joint) + prelude for _ in range(N_MADE)]
    for name, expr, index in list(maker.untaken()):
        if maker.taken.get(id(expr), {index: 0})[index] == 0:
            made.append(laid_out(maker.text(start, (expr, index)), joint) + prelude)
    untaken = [f"{name}: {show(expr[1][index] if expr[0] == 'alt' else expr)}" for name, expr, index in maker.untaken()]
    tell(not untaken, f"{what}: {len(made)} texts take every alternative of the grammar", "\n".join(untaken))
    said = texts("read", what.lower(), given="".join(text + "\0" for text in made).encode()).split("\0")[:-1]
    wrong = [f"{text}{found}" for text, found in zip(made, said) if found]
    wrong.sort(key=len)
    tell(len(said) == len(made) and not wrong, f"{what}: the reader accepts them all",
         f"{len(wrong)} are refused\n" + "\n".join(wrong[:12]))


def check_printed(what, recogniser, start, cut):
    wrong = []
    for text in texts("write", what.lower(), str(N_PRINTED)).split("\0")[:-1]:
        tokens = cut(text)
        place = recogniser.accepts(tokens, start)
        if place is not None:
            around = " ".join(word for _, word in tokens[max(0, place - 25):place + 3])
            wrong.append(f"… {around}\n    (not after “{tokens[place - 1][1] if place else ''}”)")
    wrong.sort(key=len)
    tell(not wrong, f"{what}: the printer writes texts of the grammar", f"{len(wrong)} of {N_PRINTED} are not\n" + "\n".join(wrong[:8]))


def main():
    reference = open(os.path.join(ROOT, "docs/language-reference.md"), encoding="utf-8").read()
    blocks = re.findall(r"^```ebnf\n(.*?)^```$", reference, re.M | re.S)
    rows, books = list(function_rows(reference)), texts("books").splitlines()
    assert len(blocks) == 2 and len(rows) > 80 and len(books) > 5
    english, spy = parse_grammar(blocks[0]), parse_grammar(blocks[1])
    english.update(english_additions(rows, books))
    spy.update(spy_additions(rows))
    check_defined("English", english, {**ENGLISH_WORDS, "LEFT": []}, "program")
    check_defined("SPy", spy, SPY_WORDS, "spy")
    names = ENGLISH_WORDS["PROCEDURE"]
    prelude = "".join(f"to {name}\n    finish\n" for name in names)
    if "made" in ONLY:
        check_made("English", Maker(english, ENGLISH_WORDS, 1), "program", english_joint, prelude)
        check_made("SPy", Maker(spy, SPY_WORDS, 2), "spy", spy_joint, "".join(f"def {name}():\n    finish()\n" for name in SPY_WORDS["PROCEDURE"]))
    if "printed" in ONLY:
        check_printed("English", Recogniser(english, english_classes), "program", english_tokens)
        check_printed("SPy", Recogniser(spy, spy_classes), "spy", spy_tokens)
    print(f"1..{len(results)}")


ONLY = [word for word in sys.argv[3:] if word] or ["made", "printed"]
sys.setrecursionlimit(100000)
threading.stack_size(512 * 1024 * 1024)
thread = threading.Thread(target=main)
thread.start()
thread.join()
sys.exit(not results or not all(results))
