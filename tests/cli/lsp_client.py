"""A client of `clerkwork lsp`, over stdio as an editor speaks: lsp_client.py CLERKWORK. Prints TAP."""
import json
import subprocess
import sys

URI = "file:///tmp/Ä%20due.english"
TEXT = """# Which claims must be paid?
inputs
  the claim file is a file
  the limit is a number, usually 500

get the claims from the claim file

to price with the amount
  the result is the amount times 2

for each claim in the claims
  if the claim's amount is greater than the limit then
    set the claim's decision to "ask 😀 a manager"
the paid claims are the claims whose decision is "pay"
the price due is the result of price with 5 as the amount
output the paid claims as "paid"
output the price due as "price"
"""
SPY = "rate = 0.19\nname = 'ä😀'\nset_output('x', value=f'ä😀{name} {rate}')\n"


class Client:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "lsp", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.next_id = 1
        self.notices = []

    def send(self, message, pieces=1):
        body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
        data = b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" % len(body) + body
        step = max(1, len(data) // pieces)
        for start in range(0, len(data), step):
            self.process.stdin.write(data[start:start + step])
            self.process.stdin.flush()

    def receive(self):
        length = None
        for line in iter(self.process.stdout.readline, b"\r\n"):
            if not line:
                raise EOFError("the server is gone")
            name, value = line.decode().split(":")
            if name.lower() == "content-length":
                length = int(value)
        return json.loads(self.process.stdout.read(length).decode())

    def ask(self, method, params=None, pieces=1):
        number = self.next_id
        self.next_id += 1
        self.send({"id": number, "method": method, "params": params or {}}, pieces)
        while True:
            message = self.receive()
            if message.get("id") == number:
                return message
            self.notices.append(message)

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def diagnostics(self):
        message = self.receive()
        assert message["method"] == "textDocument/publishDiagnostics", message
        return message["params"]

    def change(self, text, uri=URI):
        self.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]})
        return self.diagnostics()["diagnostics"]

    def at(self, method, line, character, uri=URI, **more):
        return self.ask("textDocument/" + method, {"textDocument": {"uri": uri},
                                                   "position": {"line": line, "character": character}, **more})


def offset(text, position):
    """From a line and a column in UTF-16 units to an index."""
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[:position["line"]])
    line = lines[position["line"]].encode("utf-16-le")[:2 * position["character"]].decode("utf-16-le")
    return before + len(line)


def applied(text, edits):
    for edit in sorted(edits, key=lambda e: offset(text, e["range"]["start"]), reverse=True):
        start, end = offset(text, edit["range"]["start"]), offset(text, edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


def find(text, words, within=0):
    """The position of `words`, in UTF-16 units."""
    start = text.index(words, within)
    before = text[:start]
    line = before.count("\n")
    return line, len(before.split("\n")[-1].encode("utf-16-le")) // 2


def test_initialize(client):
    answer = client.ask("textDocument/hover")
    assert answer["error"]["code"] == -32002, answer
    result = client.ask("initialize", {"processId": None, "capabilities": {}}, pieces=7)["result"]
    assert result["capabilities"]["textDocumentSync"]["change"] == 1
    assert result["capabilities"]["positionEncoding"] == "utf-16"
    client.tell("initialized", {})


def test_diagnostics(client):
    client.tell("textDocument/didOpen",
                {"textDocument": {"uri": URI, "languageId": "clerkwork", "version": 1, "text": TEXT}})
    params = client.diagnostics()
    assert params == {"uri": URI, "diagnostics": []}, params
    wrong = 'the name is "😀"\nsay "😀 {the nam}"\n'
    (error,) = [d for d in client.change(wrong) if d["severity"] == 1]
    line, column = find(wrong, "the nam}")
    assert error["range"]["start"] == {"line": line, "character": column}, error
    assert error["range"]["end"] == {"line": line, "character": column + 7}, error
    assert error["code"] == "unknown-fact" and "did you mean the name?" in error["message"], error
    assert client.change(TEXT) == []


def test_hover(client):
    hover = client.at("hover", *find(TEXT, "limit then"))["result"]
    assert hover["contents"]["value"].startswith("**the limit**: number"), hover
    assert "line 4" in hover["contents"]["value"]
    hover = client.at("hover", *find(TEXT, "get the claims"))["result"]
    assert "files.read_table" in hover["contents"]["value"], hover
    line, column = find(TEXT, "if the claim's")
    hover = client.at("hover", line, column)["result"]
    assert "the run stops and asks a person" in hover["contents"]["value"], hover
    assert client.at("hover", 4, 0)["result"] is None
    assert client.at("hover", 99999, 99999)["result"] is None


ALL = {"name", "age", "rank", "title", "rating", "amount", "buyer", "parts", "city", "boss", "code", "weight"}
PEOPLE = """inputs
  the claim file is a file

get the claims from the claim file
the people are a list of (a record with "Ada" as the name and 5 as the age)
the vendor is a record with "ACME" as the title and 3 as the rating
the boss is a record with 50 as the age
the buyer is a record with "Ulm" as the city and the boss as the boss
the parts are a list of (a record with "x" as the code and 5 as the weight)
the orders are a list of (a record with the buyer as the buyer and the parts as the parts)
for each claim in the claims
  say "{the claim's amount}"
for each person in the people
  set the person's rank to 5
"""


def test_hover_tells_fields(client):
    text = PEOPLE + "output the people as \"people\"\noutput the vendor as \"vendor\"\n"
    client.change(text)
    for words, told in (("the people as", "**the people**: list of records\n\n- name: text\n- age: number\n"
                                          "- rank: optional number\n\nSet first in line 5"),
                        ("the vendor as", "**the vendor**: record\n\n- title: text\n- rating: number\n\nSet first in line 6"),
                        ("the claims\n", "**the claims**: table\n\n- amount: anything\n"
                                         "- … and what else it comes with\n\nSet first in line 4")):
        line, column = find(text, words)
        hover = client.at("hover", line, column + 5)["result"]
        assert hover["contents"]["value"] == told, hover
    client.change(TEXT)


def labels(client, text):
    """What may stand at the end of the text."""
    client.change(text)
    items = client.at("completion", text.count("\n"), len(text.split("\n")[-1]))["result"]["items"]
    assert len(items) == len({item["label"] for item in items})
    return {item["label"]: item for item in items}


def test_completion(client):
    items = labels(client, TEXT + "o")
    assert "output the … as \"…\"" in items and items["output the … as \"…\""]["insertText"] == "output the "
    assert "price" in items and "the limit" in items and items["the limit"]["detail"] == "number"
    items = labels(client, TEXT + "say the claim's a")
    assert set(items) == {"amount", "decision"}, items
    for typed, fields in (("say the person's ", {"name", "age", "rank"}), ("say the first person's na", {"name", "age", "rank"}),
                          ("the names are the people's n", {"name", "age", "rank"}), ("say the vendor's ", {"title", "rating"}),
                          ("the old people are the people whose ", {"name", "age", "rank"}),
                          ("say the claim's x", {"amount"}), ("the sum is the sum of the claims' ", {"amount"}),
                          # nothing is known of a file's fields, nor of a field's: then all of them may be meant
                          ("say the claim's vendor's ", ALL),
                          ("say the order's buyer's ", {"city", "boss"}), ("say the first order's buyer's ci", {"city", "boss"}),
                          ("say the order's buyer's boss's ", {"age"}), ("the sums are the order's parts' ", {"code", "weight"}),
                          ("the cities are the orders' buyers' ", {"city", "boss"}),
                          ("the near orders are the orders whose buyer's ", {"city", "boss"}),
                          ("the near orders are the orders whose parts are empty and whose ", {"buyer", "parts"})):
        items = labels(client, PEOPLE + typed)
        assert set(items) == fields, (typed, items)
    assert labels(client, PEOPLE + "say the person's ")["rank"]["detail"] == "optional number"
    items = labels(client, TEXT + "the total is the l")
    assert "the limit" in items and "finish" not in items
    assert client.change(TEXT) == []


def test_definition(client):
    place = client.at("definition", *find(TEXT, "limit then"))["result"]
    assert place["uri"] == URI and place["range"]["start"] == {"line": 3, "character": 2}, place
    place = client.at("definition", *find(TEXT, "price with 5"))["result"]
    assert place["range"]["start"] == {"line": 7, "character": 0}, place
    assert client.at("definition", 0, 3)["result"] is None


def renamed(client, text, words, name, skip=0):
    line, column = find(text, words)
    answer = client.at("rename", line, column + skip, newName=name)
    if "error" in answer:
        return answer["error"]["message"]
    (uri, edits), = answer["result"]["changes"].items()
    return applied(text, edits), len(edits)


def test_rename(client):
    text, n = renamed(client, TEXT, "the claims from", "the requests", 4)
    assert n == 3, text
    assert text == TEXT.replace("the claims", "the requests"), text
    text, n = renamed(client, TEXT, "price with the amount", "reckon")
    assert text == TEXT.replace("to price with", "to reckon with").replace("result of price", "result of reckon"), text
    # What the run is given keeps its name outside.
    text, n = renamed(client, TEXT, "limit then", "highest amount")
    assert '  the input "limit" as the highest amount is a number, usually 500\n' in text, text
    assert "is greater than the highest amount then" in text
    assert client.change(text) == []
    client.change(TEXT)
    assert "already" in renamed(client, TEXT, "limit then", "claims")
    assert "a name is words" in renamed(client, TEXT, "limit then", "")
    assert "no fact" in renamed(client, TEXT, "# Which", "x")
    client.change("blorb\n" + TEXT)
    assert "mend them" in renamed(client, "blorb\n" + TEXT, "limit then", "x")
    client.change(TEXT)


def test_names_within_a_sentence(client):
    """What goes through a list within one sentence has no place of its own outside it."""
    text = TEXT + ("the dear claims are the row for each row in the claims where the row's amount is greater than the limit\n"
                   "the early claims are the claims whose day is less than 5\n"
                   'output the dear claims as "dear"\noutput the early claims as "early"\n')
    assert client.change(text) == []
    for words in ("row for each", "row in the", "row's amount"):
        line, column = find(text, words)
        hover = client.at("hover", line, column)["result"]["contents"]["value"]
        assert hover == "**the row**: the one at hand, within this sentence", (words, hover)
        assert client.at("definition", line, column)["result"] is None, words
        refused = renamed(client, text, words, "line")
        assert refused == "“the row” is the one at hand within this sentence: write the sentence anew with another word", refused
    # The list that `whose` picks from is hovered over and renamed as such, not as the one at hand.
    hover = client.at("hover", *find(text, "claims whose day"))["result"]["contents"]["value"]
    assert hover.startswith("**the claims**: table"), hover
    edited, _ = renamed(client, text, "claims whose day", "requests")
    assert edited == text.replace("the claims", "the requests"), edited
    # A fact is not renamed to what a sentence calls the one at hand.
    assert "already" in renamed(client, text, "limit then", "row")
    client.change(TEXT)


def test_formatting(client):
    loose = TEXT.replace("    set", "        set").replace("if the claim's", "if  the claim's")
    client.change(loose)
    edits = client.ask("textDocument/formatting", {"textDocument": {"uri": URI}, "options": {}})["result"]
    assert applied(loose, edits) == TEXT
    client.change(TEXT)
    assert client.ask("textDocument/formatting", {"textDocument": {"uri": URI}})["result"] == []
    client.change("blorb")
    assert client.ask("textDocument/formatting", {"textDocument": {"uri": URI}})["result"] is None


def test_spy(client):
    uri = "file:///tmp/a.spy"
    client.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "spy", "version": 1, "text": SPY}})
    assert client.diagnostics()["diagnostics"] == []
    answer = client.at("rename", 0, 1, uri, newName="share")["result"]["changes"][uri]
    assert applied(SPY, answer) == SPY.replace("rate", "share")
    items = client.at("completion", 2, 0, uri)["result"]["items"]
    assert {"rate", "name", "files.read_table"} <= {item["label"] for item in items}
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert client.diagnostics() == {"uri": uri, "diagnostics": []}
    assert client.at("hover", 0, 0, uri)["error"]["code"] == -32602


def spy_fields(client, line):
    """The fields that are offered where the line ends, below two records."""
    uri = "file:///tmp/fields.spy"
    text = ('claim = {"number": 1, "total": 2}\n'
            'orders = [{"vendor": {"city": "a", "boss": {"age": 5}}, "total": 3, "lines": [{"amount": 1, "code": "x"}]}]\n' + line)
    client.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "spy", "version": 1, "text": text}})
    client.diagnostics()
    items = client.at("completion", 2, len(line), uri)["result"]["items"]
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    client.diagnostics()
    return {item["label"] for item in items}


def test_spy_offers_the_fields_of_the_record_in_hand(client):
    order, vendor, line_of = {"vendor", "total", "lines"}, {"city", "boss"}, {"amount", "code"}
    all_fields = order | {"number"}
    for line, fields in (('x = claim["', {"number", "total"}), ('x = claim["to', {"number", "total"}),
                         ('x = orders[0]["', order), ('x = [order["', order), ('x = orders[claim["number"]]["', order),
                         ('x = orders[0]["vendor"]["', vendor), ('x = orders[0]["vendor"]["ci', vendor),
                         ("say(f\"{orders[0]['vendor']['", vendor), ('x = orders[0]["vendor"]["boss"]["', {"age"}),
                         ('x = orders[0]["lines"][-1]["', line_of), ('x = orders[0]["lines"]["', line_of),
                         ('x = orders[0]["]"]["', all_fields), ('x = unknown["', all_fields), ('x = f()["', all_fields),
                         ('x = claim["number"]["', all_fields)):
        found = spy_fields(client, line)
        assert found == fields, (line, found)


def test_shutdown(client):
    assert client.ask("shutdown")["result"] is None
    assert client.ask("textDocument/hover")["error"]["code"] == -32600
    client.tell("exit", None)
    assert client.process.wait(timeout=60) == 0


def main():
    client = Client(sys.argv[1])
    tests = [test_initialize, test_diagnostics, test_hover, test_hover_tells_fields, test_completion, test_definition, test_rename,
             test_names_within_a_sentence, test_formatting, test_spy, test_spy_offers_the_fields_of_the_record_in_hand, test_shutdown]
    print("1..%d" % len(tests), flush=True)
    for number, test in enumerate(tests, 1):
        try:
            test(client)
            print("ok %d - %s" % (number, test.__name__), flush=True)
        except Exception as problem:  # one failing test must not hide the others
            print("not ok %d - %s" % (number, test.__name__), flush=True)
            print("# " + repr(problem).replace("\n", "\n# "), file=sys.stderr, flush=True)
    client.process.kill()


main()
