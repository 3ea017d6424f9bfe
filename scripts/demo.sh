#!/usr/bin/env bash
# The main job from end to end: a server, an automation in English, published and run over the REST API; the run asks a question,
# gets its answer and finishes. Every call is the curl command that is printed. Then the server stays until Ctrl-C (CI=true: it stops).
set -euo pipefail
program=$1
port=${PORT:-8080}
data=./demo-data
example=examples/three-way-match
base=http://127.0.0.1:$port

bold() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf '\ndemo: %s\n' "$*" >&2; exit 1; }

# json FILTER < text: one value of a JSON text, by a Python expression over `it`.
json() { python3 -c 'import json,sys; it=json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }

# call DESCRIPTION METHOD PATH [curl arguments]: prints the command as a person would type it, runs it, leaves the answer in $answer.
call() {
    local what=$1 method=$2 path=$3
    shift 3
    printf '\n# %s\ncurl -s -X %s %s%s -H "Authorization: Bearer $TOKEN"' "$what" "$method" "$base" "$path"
    local argument
    for argument in "$@"; do printf ' %s' "$(quote "$argument")"; done
    printf '\n'
    answer=$(curl -s --fail-with-body -X "$method" "$base$path" -H "Authorization: Bearer $TOKEN" "$@") ||
        fail "that call failed: $answer"
}
quote() {
    case $1 in
        *[!A-Za-z0-9_=@./:,-]*) printf "'%s'" "${1//\'/\'\\\'\'}" ;;
        *) printf '%s' "$1" ;;
    esac
}

if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "port $port is taken. Choose another: make demo PORT=9090"
fi

bold "1. An organization, a workspace, a user and a token"
setup=$("$program" setup --data "$data" --organization "Acme GmbH" --workspace "Accounts payable" \
    --email "ada@acme.example" --name "Ada Okafor" --json)
TOKEN=$(json 'it["token"]' <<<"$setup")
workspace=$(json 'it["workspace"]' <<<"$setup")
organization=$(json 'it["organization"]' <<<"$setup")
printf 'organization  %s\nworkspace     %s\nuser          %s\ntoken         %s\n' "$organization" "$workspace" \
    "$(json 'it["user"]' <<<"$setup")" "$TOKEN"

bold "2. The server, on $base"
printf '%s serve --data %s --port %s\n' "$program" "$data" "$port"
# In a session of its own: Ctrl-C reaches this script alone, which tells the server once; a second signal would cut its draining short.
setsid "$program" serve --data "$data" --port "$port" --log-level warn &
server=$!
stop() { kill $server 2>/dev/null && wait $server 2>/dev/null || true; }
trap stop EXIT
for _ in $(seq 100); do
    curl -s -o /dev/null "$base/readyz" && break
    kill -0 $server 2>/dev/null || fail "the server did not start"
    sleep 0.05
done
printf 'TOKEN=%s\n' "$TOKEN"

bold "3. The automation, in English"
cat "$example/automation.english"
name="Three-way match"
call "Which automations are there?" GET "/api/v1/$workspace/automations?page_size=1000"
count=$(json 'sum(a["display_name"].startswith("Three-way match") for a in it.get("automations", []))' <<<"$answer")
[ "$count" = 0 ] || name="Three-way match $((count + 1))"
mkdir -p "$data/requests"
python3 - "$name" "$example/automation.english" >"$data/requests/create.json" <<'PY'
import json, sys
print(json.dumps({"display_name": sys.argv[1], "english_code": open(sys.argv[2]).read()}))
PY
call "Create it" POST "/api/v1/$workspace/automations" -H "Content-Type: application/json" -d "@$data/requests/create.json"
automation=$(json 'it["name"]' <<<"$answer")
printf '→ %s, version %s\n' "$automation" "$(json 'it["version"]' <<<"$answer")"
printf '\nThe same in SPy, as API clients read it:\n'
json 'it["code"]' <<<"$answer"
call "Is it fit to be published?" POST "/api/v1/$automation:validatePublish" -H "Content-Type: application/json" -d '{}'
printf '→ %s\n' "$answer"
call "Publish it" POST "/api/v1/$automation:publish" -H "Content-Type: application/json" -d '{}'
printf '→ version %s\n' "$(json 'it["version"]' <<<"$answer")"

bold "4. Two files, and a run"
call "Upload the invoices" POST "/api/v1/$organization/files:upload" -F "file=@$example/invoices.csv;type=text/csv"
invoices=$(json 'it["metadata"]["name"]' <<<"$answer")
call "Upload the purchase orders" POST "/api/v1/$organization/files:upload" -F "file=@$example/purchase_orders.csv;type=text/csv"
orders=$(json 'it["metadata"]["name"]' <<<"$answer")
printf '→ %s\n→ %s\n' "$invoices" "$orders"
call "Run it" POST "/api/v1/$automation:invoke" -H "Content-Type: application/json" -d \
    "{\"stage\":\"AUTOMATION_STAGE_PUBLISHED\",\"inputs\":{\"invoice file\":{\"file\":{\"remote\":\"$invoices\"}},\"purchase order file\":{\"file\":{\"remote\":\"$orders\"}}}}"
run=$(json 'it["run_id"]' <<<"$answer")
printf '→ %s\n' "$run"

bold "5. It asks"
call "Wait until it ends or asks" GET "/api/v1/$run:wait?timeout=30s"
state=$(json 'list(it["state"])[0]' <<<"$answer")
[ "$state" = awaiting_guidance ] || fail "expected the run to ask a question, but it is $state: $answer"
exception=$(json 'it["state"]["awaiting_guidance"]["exception"]' <<<"$answer")
call "What does it ask?" GET "/api/v1/$exception"
printf '→ %s\n' "$(json 'it["description"]' <<<"$answer")"

bold "6. A person answers"
call "Answer" POST "/api/v1/$exception:resolve" -H "Content-Type: application/json" -d "{\"answer\":\"use \\\"$(cat "$example/answer.txt")\\\"\"}"
call "Wait again" GET "/api/v1/$run:wait?timeout=30s"
state=$(json 'list(it["state"])[0]' <<<"$answer")
[ "$state" = completed ] || fail "expected the run to complete, but it is $state: $answer"

bold "7. What came out"
call "Outputs, as plain JSON" GET "/api/v1/$run:getOutputs"
python3 scripts/print_outputs.py <<<"$answer"
call "The journal" GET "/api/v1/$run/events?page_size=1000"
python3 scripts/print_journal.py <<<"$answer"

bold "Done: asked, answered, completed."
if [ "${CI:-}" = true ]; then
    exit 0
fi
trap 'printf "\nstopped\n"; exit 0' INT TERM
printf 'The server stays up on %s; Ctrl-C stops it. Its token: %s\n' "$base" "$TOKEN"
wait $server
