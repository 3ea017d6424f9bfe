// What the README's quick start does, by a client that a generator made from the contract: every name and every type here is
// checked against it. Prints a line of TAP a step.
//     node quick_start.js BASE TOKEN
import createClient from "openapi-fetch";
import type { components, paths } from "./contract.js";

type Failure = components["schemas"]["Error"];
type Answer<T> = { data?: T; error?: Failure | undefined; response: Response };

const [base, token] = process.argv.slice(2);
if (!base || !token) throw new Error("usage: node quick_start.js BASE TOKEN");
const client = createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${token}` } });
let steps = 0;

function tell(what: string, ok: boolean, found: unknown): void {
  steps += 1;
  console.log(`${ok ? "ok" : "not ok"} ${steps} - the client: ${what}`);
  if (!ok) console.log(`# ${JSON.stringify(found)}`);
}

function must<T>(what: string, answer: Answer<T>): T {
  if (answer.data === undefined) throw new Error(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function refused(what: string, answer: Answer<unknown>, status: number, part: string): void {
  const { error, response } = answer;
  tell(what, response.status === status && (error?.message ?? "").includes(part), { status: response.status, error });
}

const id = (name: string | undefined): string => (name ?? "").split("/").pop() ?? "";

async function main(): Promise<void> {
  const organizations = must("organizations", await client.GET("/api/v1/me/organizations", {}));
  const organization = id(organizations.user_organizations[0]?.name);
  tell("lists organizations", organization.length === 21, organizations);

  const workspaces = must("workspaces", await client.GET("/api/v1/me/organizations/{organization}/workspaces",
    { params: { path: { organization } } }));
  const workspace = id(workspaces.user_workspaces[0]?.name);
  tell("lists workspaces", workspace.length === 21, workspaces);
  const place = { organization, workspace };

  const made = must("create", await client.POST("/api/v1/organizations/{organization}/workspaces/{workspace}/automations", {
    params: { path: place },
    body: { display_name: "Double", english_code: "inputs\n  the price is a number\n\nthe total is the price times 2\noutput the total as \"total\"\n" },
  }));
  const automation = id(made.name);
  const path = { ...place, automation };
  const published = must("publish", await client.POST(
    "/api/v1/organizations/{organization}/workspaces/{workspace}/automations/{automation}:publish", { params: { path } }));
  tell("publishes", published.version === "1.0", published);

  const runs: string[] = [];
  for (let price = 1; price <= 3; price += 1) {
    const started = must("invoke", await client.POST("/api/v1/organizations/{organization}/workspaces/{workspace}/automations/{automation}:invoke", {
      params: { path },
      body: { stage: "AUTOMATION_STAGE_PUBLISHED", inputs: { price: { number: { lo: price, mid: 0, hi: 0, flags: 0 } } } },
    }));
    runs.push(id(started.run_id));
  }
  tell("invokes", runs.every((run) => run.length === 21), runs);

  const run = runs[2] ?? "";
  let state: components["schemas"]["RunState"];
  do {
    state = must("poll", await client.GET("/api/v1/organizations/{organization}/workspaces/{workspace}/automations/{automation}/runs/{run}",
      { params: { path: { ...path, run } } })).state;
    if (!state.completed) await new Promise((later) => setTimeout(later, 50));
  } while (!state.completed && !state.failed);
  tell("polls", state.completed?.outputs?.["total"]?.number?.lo === 6, state);

  const listed: string[] = [];
  let page_token = "";
  do {
    const page = must("page", await client.GET("/api/v1/organizations/{organization}/workspaces/{workspace}/automations/{automation}/runs",
      { params: { path, query: { page_size: 2, page_token } } }));
    listed.push(...page.runs.map((one) => id(one.name)));
    page_token = page.next_page_token ?? "";
  } while (page_token);
  tell("pages", listed.join() === [...runs].reverse().join(), listed);

  const filtered = must("filter", await client.GET("/api/v1/organizations/{organization}/workspaces/{workspace}/automations/{automation}/runs",
    { params: { path, query: { filter: "state = failed OR version = \"9.0\"" } } }));
  tell("filters", filtered.runs.length === 0, filtered);

  refused("a bad key is refused", await client.GET("/api/v1/me/organizations", { headers: { Authorization: "Bearer kgn_pat_wrong" } }),
    401, "not valid");
  refused("a bad parameter is refused", await client.GET("/api/v1/me/organizations", { params: { query: { page_size: -1 } } }),
    400, "page_size");
  refused("what is not there is not found", await client.GET("/api/v1/organizations/{organization}/workspaces/{workspace}/automations/{automation}",
    { params: { path: { ...place, automation: "nosuch" } } }), 404, "nosuch");

  for (let call = 0; call < 500; call += 1) {
    const answer = await client.GET("/api/v1/me/organizations", {});
    if (answer.response.status === 429) {
      refused("too many calls are refused", answer, 429, "try again in");
      tell("and told when to come back", Number(answer.response.headers.get("Retry-After")) > 0, answer.response.headers.get("Retry-After"));
      break;
    }
  }
  tell("every step was taken", steps === 12, steps);
  console.log(`1..${steps}`);
}

await main();
