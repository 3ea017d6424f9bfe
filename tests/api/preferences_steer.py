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


def waiting(place, automation, content, inputs):
    """A run that stands at a question, and the question."""
    file = place.upload(content)
    run = place.invoke(automation, {"claim file": {"file": {"remote": file}}, "rate": {"text": "1"}, **inputs})
    state = place.state(run)
    asked = place.server.must("GET", f"/api/v1/{state['awaiting_guidance']['exception']}")
    return run, state, asked["message"]


def ambiguous_date(place, automation):
    """Where no order of day and month is known, a date that has two readings is asked about, and so is such an answer."""
    place.prefer(place.workspace, date_format="DATE_FORMAT_YYYY_MM_DD_DASH", decimal_symbol="DECIMAL_SYMBOL_PERIOD", time_format="TIME_FORMAT_24_HOUR")
    run, state, question = waiting(place, automation, "claim;due date;amount\nA;03/04/2026;1\n", {"visit": {"text": "14:30"}})
    problems = [] if "03/04/2026" in question else [f"the question does not name the date: {question}"]
    refused = place.server.call("POST", f"/api/v1/{state['awaiting_guidance']['exception']}:resolve", {"answer": "03/04/2026"}, place.server.ours["token"])
    if refused.status != 400 or "may be 3 April or 4 March" not in refused.text:
        problems.append(f"the same once more is answered with {refused.status} {refused.text}")
    place.answer(state, "2026-04-03")
    ended = place.state(run)
    day = ended.get("completed", {}).get("outputs", {}).get("last day", {}).get("date")
    return problems + ([] if day == {"year": 2026, "month": 4, "day": 3} else [f"the run ended with {ended}"])


HALF_DAY = "ask \"When is the visit?\" as the visit\noutput the visit as \"visit\"\n"


def half_of_the_day(place):
    """5:30 is a time of two halves of a day where clocks have twelve hours, and of one where they have twenty-four."""
    automation, problems = place.publish(HALF_DAY), []
    for clock, refused, taken, expected in (("TIME_FORMAT_12_HOUR", "5:30", "5:30 pm", 17), ("TIME_FORMAT_24_HOUR", None, "5:30", 5)):
        place.prefer(place.workspace, time_format=clock)
        run = place.invoke(automation, {})
        state = place.state(run)
        path = f"/api/v1/{state['awaiting_guidance']['exception']}:resolve"
        if refused:
            reply = place.server.call("POST", path, {"answer": refused}, place.server.ours["token"])
            problems += [] if reply.status == 400 and refused in reply.text else [f"{clock}: {refused} is answered with {reply.status} {reply.text}"]
        place.answer(state, taken)
        given = place.state(run)["completed"]["outputs"]["visit"]
        hour = given.get("timeofday", {}).get("hours")
        problems += [] if hour == expected else [f"{clock}: {taken} became {given}"]
    return problems


MEASURED = """inputs
  the weight is a text

parse the measure in the weight by the unit "kg" as the kilograms
format the kilograms in "kg" for reading as the weight text
format 42.195 in "km" for reading as the way
output the kilograms as "kilograms"
output the weight text as "weight"
output the way as "way"
"""
# Of each system and decimal symbol: what 42.195 km and 12.5 kg are written as, and how many kilograms 12.5 of nothing are.
MEASURES = {("MEASUREMENT_SYSTEM_METRIC", "DECIMAL_SYMBOL_PERIOD"): ("42.2 km", "12.5 kg", 12.5),
            ("MEASUREMENT_SYSTEM_METRIC", "DECIMAL_SYMBOL_COMMA"): ("42,2 km", "12,5 kg", 12.5),
            ("MEASUREMENT_SYSTEM_IMPERIAL", "DECIMAL_SYMBOL_PERIOD"): ("26.2 mi", "27.6 lb", 5.669904625),
            ("MEASUREMENT_SYSTEM_IMPERIAL", "DECIMAL_SYMBOL_COMMA"): ("26,2 mi", "27,6 lb", 5.669904625)}


def measured(place):
    """The organization's system holds in the workspace that says nothing of it."""
    automation, problems = place.publish(MEASURED), []
    place.server.must("PATCH", f"{place.workspace}/preferences", {"general": {}}, query={"update_mask": "general.measurement_system"})
    for (system, symbol), (way, weight, bare) in MEASURES.items():
        place.prefer(place.organization, measurement_system=system)
        place.prefer(place.workspace, decimal_symbol=symbol, decimal_places=1)
        figure = "12,5" if symbol == "DECIMAL_SYMBOL_COMMA" else "12.5"
        for said, kilograms in ((figure + " kg", 12.5), (figure, bare)):
            outputs = place.state(place.invoke(automation, {"weight": {"text": said}}))["completed"]["outputs"]
            expected = {"way": way, "kilograms": kilograms, **({"weight": weight} if kilograms == 12.5 else {})}
            problems += [f"{system}, {said}: {problem}" for problem in differences(
                expected, {"way": outputs["way"]["text"], "weight": outputs["weight"]["text"], "kilograms": number(outputs["kilograms"])})]
    return problems


def inherited(place, automation):
    """What a workspace says nothing of is its organization's; what it says goes before; what it clears is the organization's again."""
    place.prefer(place.organization, date_format="DATE_FORMAT_MM_DD_YYYY_SLASH", decimal_symbol="DECIMAL_SYMBOL_COMMA", time_format="TIME_FORMAT_24_HOUR")
    problems = []
    for what, own, day, amount in (("cleared", {}, "04/03/2026", 1.25),
                                   ("its own", {"date_format": "DATE_FORMAT_DD_MM_YYYY_SLASH", "decimal_symbol": "DECIMAL_SYMBOL_PERIOD"}, "03/04/2026", 1250),
                                   ("cleared again", {}, "04/03/2026", 1.25)):
        place.server.must("PATCH", f"{place.workspace}/preferences", {"general": own},
                          query={"update_mask": "general.date_format,general.decimal_symbol,general.time_format,general.decimal_places"})
        file = place.upload("claim;due date;amount\nA;04/03/2026;1,250\n".replace("04/03/2026", day))
        run = place.invoke(automation, {"claim file": {"file": {"remote": file}}, "rate": {"text": "1"}, "visit": {"text": "14:30"}})
        outputs = place.state(run)["completed"]["outputs"]
        problems += [f"{what}: {problem}" for problem in differences(
            {"last day": {"year": 2026, "month": 4, "day": 3}, "claimed": amount, "days": [day]},
            {"last day": outputs["last day"].get("date"), "claimed": number(outputs["claimed"]),
             "days": [item.get("text") for item in outputs["days"]["list"]["items"]]})]
    return problems


def main():
    tap = Tap()
    with Server(sys.argv[1]) as server:
        place = Place(server)
        automation = place.publish(ENGLISH)
        clocks = itertools.cycle(HOURS)
        for date_format, symbol in itertools.product(DATES, SYMBOLS):
            clock = next(clocks)
            tap.ok(f"{date_format}, {symbol}, {clock}: read, answered and printed", round_trip(place, automation, date_format, symbol, clock))
        tap.ok("a date with two readings is asked about", ambiguous_date(place, automation))
        tap.ok("a time with two readings is refused", half_of_the_day(place))
        tap.ok("measures are read and written in the system that people use", measured(place))
        tap.ok("what a workspace leaves open its organization decides", inherited(place, automation))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
