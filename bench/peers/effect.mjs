// A step's effect: a PUT over a connection that is kept open; without a URL nothing is done.
import * as http from "node:http";

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

export function put(url) {
  if (!url) return 1;
  return new Promise((resolve, reject) => {
    const request = http.request(url, { agent, method: "PUT", headers: { "content-type": "application/json" } }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => (answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(`status ${answer.statusCode}`))));
    });
    request.on("error", reject);
    request.end("12");
  });
}
