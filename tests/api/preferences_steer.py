"""What preferences do from end to end: a CSV file as people of a place write it, an automation over it, a question answered in the same
writing, and the text that comes out. Output is TAP.

    preferences_steer.py PROGRAM"""
import itertools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "walk"))
from server import Server  # noqa: E402
from tap import Tap  # noqa: E402

# Each date format, and how 3 April 2026 and 14 April 2026 are written in it.
DATES = {
    "DATE_FORMAT_DD_MM_YYYY_SLASH": ("03/04/2026", "14/04/2026"),
    "DATE_FORMAT_MM_DD_YYYY_SLASH": ("04/03/2026", "04/14/2026"),
    "DATE_FORMAT_YYYY_MM_DD_DASH": ("2026-04-03", "2026-04-14"),
    "DATE_FORMAT_DD_MM_YYYY_DASH": ("03-04-2026", "14-04-2026"),
    "DATE_FORMAT_MM_DD_YYYY_DASH": ("04-03-2026", "04-14-2026"),
    "DATE_FORMAT_YYYY_MM_DD_SLASH": ("2026/04/03", "2026/04/14"),
    "DATE_FORMAT_DD_MM_YYYY_DOT": ("03.04.2026", "14.04.2026"),
    "DATE_FORMAT_MM_DD_YYYY_DOT": ("04.03.2026", "04.14.2026"),
    "DATE_FORMAT_YYYY_MM_DD_DOT": ("2026.04.03", "2026.04.14"),
    "DATE_FORMAT_DD_MMM_YYYY": ("03 Apr 2026", "14 Apr 2026"),
    "DATE_FORMAT_MMM_DD_YYYY": ("Apr 03, 2026", "Apr 14, 2026"),
    "DATE_FORMAT_DD_MMMM_YYYY": ("03 April 2026", "14 April 2026"),
    "DATE_FORMAT_MMMM_DD_YYYY": ("April 03, 2026", "April 14, 2026"),
}
# Each decimal symbol: 1250 and a half, and a figure that the symbol alone decides: one and a quarter, in thousandths.
SYMBOLS = {"DECIMAL_SYMBOL_PERIOD": ("1,250.50", "1.250"), "DECIMAL_SYMBOL_COMMA": ("1.250,50", "1,250")}
HOURS = {"TIME_FORMAT_24_HOUR": "14:30", "TIME_FORMAT_12_HOUR": "2:30 PM"}

# The second row lacks both and the third the amount, so that a person gives them.
ENGLISH = """inputs
  the claim file is a file
  the rate is a number
  the visit is a time

get the claims from the claim file
the days is an empty list
the claimed is 0
for each claim in the claims
  the due date is the claim's due date as a date
  write out the due date as the written date
  append the written date to the days
  increase the claimed by the claim's amount
format the claimed for reading as the claimed text
write out the visit as the written visit
output the days as "days"
output the due date as "last day"
output the claimed as "claimed"
output the claimed text as "claimed text"
output the written visit as "visit"
output the rate as "rate"
"""


def number(value):
    parts = value["number"]
    sign = -1 if parts["flags"] >> 31 else 1
    return sign * (parts["lo"] + (parts["mid"] << 32)) / 10 ** (parts["flags"] >> 16 & 0xFF)


class Place:
    def __init__(self, server):
        self.server = server
        self.workspace = "/api/v1/" + server.ours["workspace"]
        self.organization = "/api/v1/" + server.ours["organization"]

    def prefer(self, place, **general):
        return self.server.must("PATCH", f"{place}/preferences", {"general": general})

    def publish(self, english):
        made = self.server.must("POST", f"{self.workspace}/automations", {"display_name": "Claims", "english_code": english})
        self.server.must("POST", f"/api/v1/{made['name']}:publish", {})
        return "/api/v1/" + made["name"]

    def upload(self, content):
        form = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"claims.csv\"\r\nContent-Type: text/csv\r\n\r\n" + content + "\r\n--B--\r\n"
        return self.server.must("POST", f"{self.workspace}/files:upload", raw=form.encode(),
                                headers={"Content-Type": "multipart/form-data; boundary=B"})["metadata"]["name"]

    def invoke(self, automation, inputs):
        return self.server.must("POST", f"{automation}:invoke", {"stage": "AUTOMATION_STAGE_PUBLISHED", "inputs": inputs})["run_id"]

    def state(self, run):
        return self.server.must("GET", f"/api/v1/{run}:wait?timeout=20s")["state"]

    def answer(self, state, answer):
        return self.server.must("POST", f"/api/v1/{state['awaiting_guidance']['exception']}:resolve", {"answer": answer})


def differences(expected, got):
    return [f"{what}: {got.get(what)!r} instead of {value!r}" for what, value in expected.items() if got.get(what) != value]


def round_trip(place, automation, date_format, symbol, clock):
    """The problems of one way of writing."""
    known, asked = DATES[date_format]
    amount, quarter = SYMBOLS[symbol]
    place.prefer(place.workspace, date_format=date_format, decimal_symbol=symbol, time_format=clock, decimal_places=3)
    file = place.upload(f"claim;due date;amount\nA;{known};{quarter}\nB;;\nC;{known};\n")
    run = place.invoke(automation, {"claim file": {"file": {"remote": file}}, "rate": {"text": quarter}, "visit": {"text": HOURS[clock]}})
    for reply in (asked, amount, quarter):
        state = place.state(run)
        if "awaiting_guidance" not in state:
            return [f"no question before {reply}: {state}"]
        place.answer(state, reply)
    state = place.state(run)
    if "completed" not in state:
        return [f"the run has not ended: {state}"]
    outputs = state["completed"]["outputs"]
    comma = symbol == "DECIMAL_SYMBOL_COMMA"
    return differences(
        {"days": [known, asked, known], "last day": {"year": 2026, "month": 4, "day": 3}, "claimed": 1253, "rate": 1.25,
         "claimed text": "1.253,000" if comma else "1,253.000", "visit": HOURS[clock]},
        {"days": [item.get("text") for item in outputs["days"]["list"]["items"]], "last day": outputs["last day"].get("date"),
         "claimed": number(outputs["claimed"]), "rate": number(outputs["rate"]),
         "claimed text": outputs["claimed text"].get("text"), "visit": outputs["visit"].get("text")})


def main():
    tap = Tap()
    with Server(sys.argv[1]) as server:
        place = Place(server)
        automation = place.publish(ENGLISH)
        clocks = itertools.cycle(HOURS)
        for date_format, symbol in itertools.product(DATES, SYMBOLS):
            clock = next(clocks)
            tap.ok(f"{date_format}, {symbol}, {clock}: read, answered and printed", round_trip(place, automation, date_format, symbol, clock))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
