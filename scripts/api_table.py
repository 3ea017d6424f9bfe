"""Prints the operations of api/openapi.yaml as a Markdown table, for docs/api.md."""
import sys
import yaml

document = yaml.safe_load(open(sys.argv[1] if len(sys.argv) > 1 else "api/openapi.yaml"))
print("| call | what | permission |\n|---|---|---|")
for path, methods in document["paths"].items():
    for method, operation in methods.items():
        if not isinstance(operation, dict) or "operationId" not in operation:
            continue
        what = " ".join(str(operation.get("summary") or operation.get("description", "")).split()).split(". ")[0].rstrip(".")
        print(f"| `{method.upper()} {path}` | {what.replace('|', '/')} | {operation.get('x-permission', '')} |")
