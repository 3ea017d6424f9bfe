"""An author's question outlives the server: it is killed while the question is open, and answered after the next start. Output is TAP.

    thread_restart.py PROGRAM"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "walk"))
from server import Server  # noqa: E402
from tap import Tap  # noqa: E402

WRONG = "the rate is 2\noutput the rte as \"rate\""
RIGHT = "the rate is 2\noutput the rate as \"rate\"\n"


def objects(text):
    return [json.loads(line) for line in text.splitlines() if line]


def say(server, thread, content, kind="user_query", interrupt=""):
    reply = server.call("POST", f"/api/v1/{thread}:sendMessage", {"user_message": {"user_message": {
        "user_message_type": kind, "content": content, "interrupt_id": interrupt}}})
    assert reply.status == 200, reply.text
    return objects(reply.text)


def first_form(server, tap, automation):
    thread = server.must("POST", f"/api/v1/{automation}/agents/quill/threads", {})["name"]
    asked = say(server, thread, WRONG)[-1]["thread_interrupt"]
    server.kill_and_start()
    state = server.must("GET", f"/api/v1/{thread}")["state"]
    tap.ok("quill: the question is open after the restart", [] if state == "THREAD_STATE_AWAITING_ANSWER" else str(state))
    again = objects(server.call("POST", f"/api/v1/{thread}:resumeStream", {}).text)[-1]["thread_interrupt"]
    tap.ok("quill: the turn that asked is given again", [] if again == asked else str(again))
    answered = say(server, thread, "1", "interrupt_response", asked["interrupt_id"])[-1]
    tap.ok("quill: the answer ends the turn", [] if "completion_response" in answered else str(answered))


def second_form(server, tap, automation):
    thread = server.must("POST", f"/api/v1/{automation}/agents/quill2/threads", {})["name"]
    server.must("POST", f"/api/v1/{thread}/input", {"message": {"content": WRONG}})
    server.kill_and_start()
    asked = server.must("GET", f"/api/v1/{thread}/events")["events"][-1]["interrupt"]
    question = asked["questions"][0]
    reply = {"interrupt_id": asked["interrupt_id"], "answers": [{"question_id": question["id"], "selected": [question["options"][0]["label"]]}]}
    server.must("POST", f"/api/v1/{thread}/input", {"interrupt_reply": reply})
    last = server.must("GET", f"/api/v1/{thread}/events")["events"][-1]
    tap.ok("quill2: the question is answered after the restart", [] if "generation_complete" in last else str(last))


def main():
    tap = Tap()
    with Server(sys.argv[1]) as server:
        for form in (first_form, second_form):
            automation = server.must("POST", f"/api/v1/{server.ours['workspace']}/automations", {"display_name": "Rates"})["name"]
            form(server, tap, automation)
            english = server.must("GET", f"/api/v1/{automation}")["english_code"]
            tap.ok("the mended sentences are the draft", [] if english == RIGHT else str(english))
    return tap.end()


sys.exit(main())
