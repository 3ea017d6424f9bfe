"""clerkwork simulate: the examples and a payment, in worlds where the power goes.

    simulate.py PROGRAM

Output is TAP."""
import glob
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples")
PAYING = """inputs
  the amount is a number

submit "pay {the amount}" to "https://bank.example/payments" as the receipt
wait 20 minutes
ask "Was {the amount} paid?" as the reply
output the reply as "paid"
output the receipt as "receipt"
"""
PAID = """run pay.english
with amount = 12.50
outside POST https://bank.example/payments = 503 later
outside POST https://bank.example/payments = 200 done
---
ask     Was 12.50 paid?
answer  always use "yes"
end     completed
"""
done, failed = 0, 0


def ok(name, problem=""):
    global done, failed
    done += 1
    failed += bool(problem)
    print(f"{'not ' if problem else ''}ok {done} - {name}")
    for line in problem.splitlines():
        print(f"#   {line}")


def simulate(*arguments):
    ran = subprocess.run([PROGRAM, "simulate", *arguments], capture_output=True, text=True, timeout=300, check=False)
    return ran.returncode, ran.stdout, ran.stderr


def expect(name, arguments, code, *parts):
    found, out, err = simulate(*arguments)
    problems = [f"exit code {found}, not {code}: {out[-600:]}{err[-600:]}"] * (found != code)
    problems += [f"does not say {part!r}: {out[-600:]}{err[-600:]}" for part in parts if part not in out + err]
    ok(name, "\n".join(problems))
    return out


def check_examples():
    """One case of each: whatever crashes, the same comes of them."""
    for folder in sorted(glob.glob(os.path.join(EXAMPLES, "*", "cases"))):
        case = sorted(glob.glob(os.path.join(folder, "*.case")))[0]
        expect(f"examples/{os.path.basename(os.path.dirname(folder))}", ["--seeds", "1..2", case], 0, "the same in 2 worlds")


def check_payment(folder):
    case, pay = os.path.join(folder, "pay.case"), os.path.join(folder, "pay.english")
    for path, text in ((case, PAID), (pay, PAYING)):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    out = expect("a payment with a key is made once", ["--seeds", "1..40", case], 0, "the same in 40 worlds")
    counts = [int(n) for n in re.findall(r"(\d+) (?:crashes|answers,|unreachable|answers lost)", out)]
    ok("crashes, answers and trouble happened", out if len(counts) < 4 or 0 in counts else "")
    out = expect("a server that ignores keys is found out", ["--seeds", "1..400", "--keys-ignored", case], 3,
                 "did something else to the world, or not as often", "gives something else. The same again:")
    seed = re.search(r"--seeds (\d+) --crashes 10 --keys-ignored", out)
    again = simulate("--seeds", seed[1], "--keys-ignored", case)[1] if seed else ""
    ok("the seed that is told tells the same story", "" if again == out and out else f"{out}\n---\n{again}")
    ok("the story says when the power went", "" if re.search(r"s  the power (is gone|goes)|its answer is lost", out) else out)
    expect("an automation by itself waits with its question", ["--seeds", "1..3", "--input", "amount=3", write(folder, "ask.english",
           "inputs\n  the amount is a number\n\nask \"Is {the amount} right?\" as the reply\noutput the reply as \"reply\"\n")], 0, " 0 answers")
    expect("the same with an answer", ["--seeds", "1..3", "--input", "amount=3", "--answer", "use \"yes\"", os.path.join(folder, "ask.english")],
           0, " 6 answers")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def check_refusals(folder):
    good = write(folder, "good.english", "output 1 as \"n\"\n")
    bad = write(folder, "bad.english", "the price is 3\noutput the prise as \"total\"\n")
    expect("nothing named", [], 2, "name a case, or an automation")
    expect("seeds that are none", ["--seeds", "1-10", good], 2, "--seeds 1-10: expected a number or two as in 1..1000")
    expect("seeds the wrong way round", ["--seeds", "5..1", good], 2, "the smaller one first")
    expect("crashes that are none", ["--crashes", "many", good], 2, "--crashes many: expected a number from 0 to 1000")
    expect("an automation with problems", ["--seeds", "1", bad], 3, "bad.english:2:8: error: ")
    expect("a file that is not there", ["/nowhere/a.english"], 1, "/nowhere/a.english cannot be read")
    expect("an input that is none", ["--seeds", "1", "--input", "x=1", good], 1, "there is no input \"x\"")
    expect("inputs beside a case", ["--input", "amount=1", os.path.join(folder, "pay.case")], 1, "leave out --input and --answer")
    expect("a call that the case says nothing of", ["--seeds", "1", write(folder, "call.english",
           "fetch the page from \"https://shop.example/\"\noutput the page as \"page\"\n")], 0, "the same in 1 world")


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_examples()
        check_payment(folder)
        check_refusals(folder)
    print(f"1..{done}")
    sys.exit(1 if failed else 0)


main()
