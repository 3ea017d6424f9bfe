"""The operations of api/openapi.yaml, with everything that they take resolved."""
import os
import re

import yaml

ROOT = os.environ.get("CLERKWORK_SOURCE_ROOT", ".")
METHODS = ("get", "post", "put", "patch", "delete")


class Operation:
    def __init__(self, contract, path, method, node, shared):
        self.contract, self.path, self.method, self.node = contract, path, method.upper(), node
        self.id = node["operationId"]
        parameters = [contract.resolve(p) for p in shared + node.get("parameters", [])]
        self.query = {p["name"]: p for p in parameters if p["in"] == "query"}
        self.segments = re.findall(r"{(\w+)}", path)
        self.public = node.get("security") == []
        self.alias_of = node.get("x-alias-of", {}).get("operation")
        self.canonical = self

    def get(self, extension, default=None):
        """x-… of the operation, or of the one that it is an alias of."""
        return self.node.get(extension, self.canonical.node.get(extension, default))

    @property
    def permission(self):
        return self.get("x-permission")

    @property
    def schema(self):
        """The body's, or None."""
        content = self.body_content("application/json")
        return self.contract.resolve(content["schema"]) if content else None

    def body_content(self, kind):
        body = self.contract.resolve(self.node["requestBody"]) if "requestBody" in self.node else {}
        return body.get("content", {}).get(kind)

    @property
    def answer(self):
        content = self.node["responses"]["200"].get("content", {}).get("application/json")
        return self.contract.resolve(content["schema"]) if content and "$ref" in content["schema"] else None

    @property
    def list_key(self):
        """Under what the items of a page stand."""
        return next(name for name, field in self.answer["properties"].items() if field.get("type") == "array")


class Contract:
    def __init__(self):
        with open(os.path.join(ROOT, "api/openapi.yaml"), encoding="utf-8") as file:
            self.document = yaml.safe_load(file)
        self.operations = [Operation(self, path, method, item[method], item.get("parameters", []))
                           for path, item in self.document["paths"].items() for method in METHODS if method in item]
        self.by_id = {operation.id: operation for operation in self.operations}
        for operation in self.operations:
            if operation.alias_of:
                operation.canonical = self.by_id[operation.alias_of]

    def resolve(self, node):
        while "$ref" in node or len(node.get("allOf", ())) == 1:
            if "allOf" in node:
                node = node["allOf"][0]
                continue
            target = self.document
            for part in node["$ref"][2:].split("/"):
                target = target[part]
            node = target
        return node
