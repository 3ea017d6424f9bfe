// Serves Restate's own side of the comparison: an endpoint with one service whose handler takes `n` durable steps.
import * as http2 from "node:http2";
import * as restate from "@restatedev/restate-sdk";
import { put } from "./effect.mjs";

const steps = restate.service({
  name: "Steps",
  handlers: {
    run: async (context, input) => {
      for (let i = 0; i < input.n; i++) await context.run(`step ${i}`, () => put(input.effect));
      return "done";
    },
  },
});
http2.createServer(restate.createEndpointHandler({ services: [steps] })).listen(Number(process.argv[2]), "127.0.0.1");
