"""Prints a run's journal (run events of the API) for people: one line an event."""
import json
import sys

SHOWN = 24


def value(v):
    kind, content = next(iter(v.items()))
    if kind == "number":
        digits = (content["hi"] << 64) | (content["mid"] << 32) | content["lo"]
        scale = content["flags"] >> 16 & 255
        sign = "-" if content["flags"] >> 31 & 1 else ""
        text = str(digits).rjust(scale + 1, "0")
        return sign + (text[:-scale] + "." + text[-scale:] if scale else text)
    if kind == "text":
        return json.dumps(content)
    if kind == "dictionary":
        return f"a record of {len(content.get('entries', []))} fields"
    if kind in ("table", "file", "list"):
        return "a " + kind
    return json.dumps(content)


def line(event):
    if "run_update" in event:
        state = event["run_update"]["run"]["state"]
        return state.get("update_time", ""), "run", "is " + next(iter(state)).replace("_", " ")
    entry = event["execution_journal"]
    kind = next(k for k in entry if k.startswith(("node_", "patched_")) or k in ("started", "completed", "stopped", "failed"))
    body = entry[kind]
    words = [body.get("node_kind", "")]
    words += [f"{k} = {value(v)}" for k, v in body.get("outputs", {}).items()]
    if body.get("code_patch"):
        words.append(body["code_patch"].strip())
    if body.get("error"):
        words.append(str(body["error"]))
    return entry.get("event_time", ""), kind.replace("_", " "), "  ".join(w for w in words if w)[:110]


lines = [line(e) for e in json.load(sys.stdin).get("run_events", [])]
kept = [i for i, (_, kind, _) in enumerate(lines) if kind not in ("node executed", "node started", "patched node started")]
shown = sorted(set(range(min(8, len(lines)))) | set(kept[:SHOWN]) | set(range(max(0, len(lines) - 8), len(lines))))
last = -1
for i in shown:
    if i != last + 1:
        print(f"  … {i - last - 1} more")
    print("  " + "  ".join((lines[i][0][11:23], lines[i][1].ljust(14), lines[i][2])))
    last = i
