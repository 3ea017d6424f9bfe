"""Results in TAP: one line a claim; what was wrong follows as comments."""


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def ok(self, what, problems=()):
        """True when `problems`, a list of sentences, is empty."""
        problems = [problems] if isinstance(problems, str) else list(problems)
        self.n += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.n} - {what}", flush=True)
        for problem in problems[:20]:
            print("#   " + problem[:1500].replace("\n", "\n#   "), flush=True)
        if len(problems) > 20:
            print(f"#   and {len(problems) - 20} more", flush=True)
        return not problems

    def end(self):
        print(f"1..{self.n}")
        return self.failed > 0
