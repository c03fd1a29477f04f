// A receiver of webhooks: verify the raw bytes, keep them, answer 200, and only then work.
//
//     CLIENT_SECRET=… node receiver.mjs --port 4000 --inbox inbox
//
// Needs nothing but Node 18.3 or newer. What came lies in `inbox/new` until its work is done, then in
// `inbox/done`, so a receiver that is started again finishes what it had accepted, and knows what it has seen.

import { createHmac, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";

const LONGEST = 10_000_000;
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** True if somebody signed these very bytes who knows the secret; the comparison takes constant time. */
function isGenuine(secret, body, signature) {
  const expected = Buffer.from(createHmac("sha256", secret).update(body).digest("base64"));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** Deliveries as files, named by their X-Genstore-Webhook-Id, which all attempts of one share. */
class Inbox {
  constructor(folder) {
    this.folder = folder;
    this.new = join(folder, "new");
    this.done = join(folder, "done");
    mkdirSync(this.new, { recursive: true });
    mkdirSync(this.done, { recursive: true });
  }

  /** Store it; false if it is here already. */
  keep(name, delivery) {
    if (existsSync(join(this.new, name)) || existsSync(join(this.done, name))) return false;
    const part = join(this.folder, `${name}.part`);
    writeFileSync(part, JSON.stringify(delivery));
    renameSync(part, join(this.new, name)); // whole or not at all, even if the process is killed here
    return true;
  }

  /** Each delivery whose work is not done, the oldest first. */
  waiting() {
    const names = readdirSync(this.new).map((name) => [statSync(join(this.new, name)).mtimeMs, name]);
    return names.sort(([one], [other]) => one - other).map(([, name]) => name);
  }

  read(name) {
    return JSON.parse(readFileSync(join(this.new, name), "utf8"));
  }

  finish(name) {
    renameSync(join(this.new, name), join(this.done, name));
  }
}

/** What the app is there for; it may take as long as it likes. */
async function work(topic, { order = {} }) {
  return `${topic}: order ${order.name} of ${order.totalPrice} ${order.currency}`;
}

let working = false;

async function workOn(inbox) {
  if (working) return;
  working = true;
  try {
    for (let names = inbox.waiting(); names.length > 0; names = inbox.waiting()) {
      for (const name of names) {
        const { topic, payload } = inbox.read(name);
        console.log(`done     ${name} ${await work(topic, payload)}`);
        inbox.finish(name);
      }
    }
  } finally {
    working = false;
  }
}

/** The bytes of a request as they came: these are signed. Undefined if there are too many. */
async function rawBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LONGEST) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The status of the answer: 200 for what is kept, 401 for what nobody signed. */
async function receive(request, secret, inbox) {
  const name = request.headers["x-genstore-webhook-id"] ?? "";
  const body = await rawBody(request);
  if (request.method !== "POST" || body === undefined || !ID.test(name)) return 400;
  if (!isGenuine(secret, body, request.headers["x-genstore-hmac-sha256"] ?? "")) {
    console.log(`refused  ${name}: bad signature`);
    return 401;
  }
  const topic = request.headers["x-genstore-topic"] ?? "";
  const attempt = request.headers["x-genstore-delivery-attempt"] ?? "1";
  if (inbox.keep(name, { topic, payload: JSON.parse(body) })) {
    console.log(`kept     ${name} ${topic}, attempt ${attempt}`);
  } else {
    console.log(`again    ${name} ${topic}, attempt ${attempt}: nothing to do`);
  }
  return 200;
}

const { values: options } = parseArgs({
  options: { port: { type: "string", default: "4000" }, inbox: { type: "string", default: "inbox" } },
});
const secret = process.env.CLIENT_SECRET;
if (!secret) {
  console.error("Put the app's client secret into CLIENT_SECRET.");
  process.exit(1);
}
const inbox = new Inbox(options.inbox);
const server = createServer(async (request, response) => {
  let status = 500;
  try {
    status = await receive(request, secret, inbox);
  } catch (error) {
    console.error(error);
  }
  response.on("close", () => workOn(inbox)); // once answered, or once the sender has left
  response.writeHead(status, { "Content-Length": 0 }).end();
});
server.listen(Number(options.port), "127.0.0.1", () => {
  console.log(`receiver on http://127.0.0.1:${server.address().port}/`);
  workOn(inbox);
});
