// A whole app, standalone or embedded: install, tokens, orders, webhooks, scopes, uninstall, compliance.
//
//     CLIENT_ID=… CLIENT_SECRET=… node app.mjs
//
// `GENSTORE` says where shops are, https://{shop}.genmystore.com if left out; `APP_URL` where this app is,
// `HOST` and `PORT` where it listens, 127.0.0.1 and the port of `APP_URL` if left out; `ADMIN` the
// origin of the admin that shows it embedded, that of `GENSTORE` if left out.
// Needs nothing but Node 20.
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Platform } from "./platform.mjs";
import { Shops } from "./shops.mjs";

const { APP_URL = "http://localhost:3001", STATE = "shops.json", CLIENT_ID, CLIENT_SECRET } = process.env;

function leave(sentence) {
  console.error(sentence);
  process.exit(1);
}

// With an empty secret, anybody could sign.
if (!CLIENT_ID || !CLIENT_SECRET) {
  leave(
    "CLIENT_ID and CLIENT_SECRET must be set: `till app link` prints both, the secret once; " +
      "`till app rotate-secret CLIENT_ID --grace 0s` prints a new one.",
  );
}
const platform = new Platform({
  url: process.env.GENSTORE ?? "https://{shop}.genmystore.com",
  clientId: CLIENT_ID,
  secret: CLIENT_SECRET,
});
const ADMIN = process.env.ADMIN ?? new URL(platform.of("admin")).origin;
const shops = new Shops(STATE);
const TOPICS = ["orders/paid", "app/uninstalled", "app/scopesUpdate"];
const LONGEST = 10_000_000;
const FILES = { "/embedded.js": "text/javascript; charset=utf-8", "/page.css": "text/css; charset=utf-8" };
const COLUMNS = "<thead><tr><th scope=col>Order<th scope=col>Payment<th scope=col>Total";
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'";
const states = new Map(); // of those who are being asked: shop, PKCE verifier, until when

const say = (told) => console.log(JSON.stringify(told));
const safe = (text) => String(text).replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);

// One answer; only the admin may show it in a frame, and that only what is made for it.
function answer(response, status, text, { framed = false, headers = {} } = {}) {
  response.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": `${POLICY}; frame-ancestors ${framed ? ADMIN : "'none'"}`,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...headers,
  });
  response.end(text);
}

const isOfShop = async (kept, query) =>
  kept !== undefined && kept.shopId === query.get("shopId") && (await platform.isAlive(query.get("shop"), kept.token));

// Somebody opens the app in the admin, or has just installed it there. A code that comes unasked is left alone: only
// one that this browser was sent for is exchanged.
async function launch(response, query) {
  const shop = query.get("shop");
  if (query.get("embedded") === "1") return embedded(response, query);
  const kept = shops.get(shop);
  if (await isOfShop(kept, query)) return answer(response, 200, await page(shop, kept));
  return ask(response, shop);
}

// Sends the merchant to be asked, with a state that only this browser knows.
function ask(response, shop) {
  const [state, verifier] = [randomBytes(16), randomBytes(48)].map((bytes) => bytes.toString("base64url"));
  for (const [old, { until }] of states) if (until < Date.now()) states.delete(old);
  states.set(state, { shop, verifier, until: Date.now() + 600_000 });
  const secure = APP_URL.startsWith("https:") ? "; Secure" : "";
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  answer(response, 302, "", {
    headers: {
      Location: platform.authorizeUrl(shop, `${APP_URL}/callback`, state, challenge),
      "Set-Cookie": `state=${state}; HttpOnly; SameSite=Lax; Path=/callback; Max-Age=600${secure}`,
    },
  });
}

// The merchant was asked.
async function comeBack(request, response, query) {
  const asked = states.get(query.get("state"));
  states.delete(query.get("state"));
  const ofBrowser = (request.headers.cookie ?? "").split("; ").includes(`state=${query.get("state")}`);
  if (!ofBrowser || asked?.shop !== query.get("shop") || asked.until < Date.now()) {
    return answer(response, 403, "This is the answer to a question that was not asked in this browser.");
  }
  if (!query.has("code")) return answer(response, 200, `The app was not installed: ${safe(query.get("error"))}.`);
  const told = await platform.token(asked.shop, {
    grantType: "authorization-code",
    code: query.get("code"),
    codeVerifier: asked.verifier,
    redirectUri: `${APP_URL}/callback`,
  });
  return answer(response, 200, await page(asked.shop, await settle(asked.shop, query.get("shopId"), told)));
}

// The app in a frame of the admin: whoever uses it proves it with a session token.
async function embedded(response, query) {
  const [shop, session] = [query.get("shop"), query.get("sessionToken") ?? ""];
  if (platform.userOf(session) === null) {
    return answer(response, 401, "The session token is not good: open the app again.", { framed: true });
  }
  let kept = shops.get(shop);
  if (!(await isOfShop(kept, query))) {
    const told = await platform.token(shop, { grantType: "token-exchange", subjectToken: session });
    kept = await settle(shop, query.get("shopId"), told);
  }
  return answer(response, 200, frame(shop, kept), { framed: true });
}

// What a page in the frame asks for, with a session token: the platform tells whose shop that is of.
async function ordersOfSession(request, response, query) {
  const session = (request.headers.authorization ?? "").replace(/^Bearer /, "");
  const shop = query.get("shop");
  if (!shops.get(shop) || platform.userOf(session) === null) {
    return answer(response, 401, "The session token is not good.");
  }
  try {
    const online = { requestedTokenType: "online-access-token" };
    const told = await platform.token(shop, { grantType: "token-exchange", subjectToken: session, ...online });
    const { body } = await platform.call(shop, told.accessToken, "/orders?limit=10");
    return answer(response, 200, JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
  } catch (error) {
    return answer(response, [400, 401].includes(error.status) ? 401 : 502, "The shop did not give its orders.");
  }
}

// Keeps the token of a shop, and has its events told; to subscribe twice changes nothing.
async function settle(shop, shopId, { accessToken: token, scope }) {
  const kept = shops.put(shop, { shopId, token, scope, installation: await platform.installation(shop, token) });
  for (const topic of TOPICS) {
    try {
      await platform.call(shop, token, "/app/webhooks", { webhook: { topic, address: `${APP_URL}/webhooks` } });
    } catch (error) {
      if (error.status !== 422) throw error; // it is subscribed already
    }
  }
  say({ installed: shop, installation: kept.installation });
  return kept;
}

// Takes a webhook: its signature is of the very bytes.
async function take(request, response) {
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > LONGEST) return answer(response, 413, "This is too long.");
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  if (!platform.isWebhook(body, request.headers["x-genstore-hmac-sha256"])) {
    return answer(response, 401, "The signature is wrong.");
  }
  const delivery = request.headers["x-genstore-webhook-id"] ?? randomBytes(8).toString("hex");
  try {
    await shops.once(delivery, () => hear(delivery, request.headers, JSON.parse(body)));
  } catch (error) {
    say({ failed: delivery, by: error.name });
    return answer(response, 503, "This could not be handled: send it again.");
  }
  return answer(response, 200, "ok");
}

// A genuine webhook, for the first time; nothing of what it tells is logged, for that is of people.
async function hear(delivery, headers, payload) {
  const topic = headers["x-genstore-topic"];
  const shop = (headers["x-genstore-shop-domain"] ?? "").split(".")[0];
  const [told] = Object.values(payload);
  say({ topic, shop, id: delivery });
  const kept = shops.get(shop);
  if (!kept) return;
  if (topic === "orders/paid") {
    shops.put(shop, { paid: [...kept.paid, String(told.id)] });
  } else if (topic === "app/scopesUpdate") {
    const { current } = told; // a list, or as the published sample has it: "[a,b]"
    shops.put(shop, { scope: typeof current === "string" ? current.replace(/^\[|\]$/g, "") : current.join(",") });
  } else if (topic === "customers/redact") {
    shops.put(shop, { paid: kept.paid.filter((order) => !told.ordersToRedact.includes(order)) });
  } else if (["app/uninstalled", "shop/redact"].includes(topic) && (await isOf(kept, shop, told))) {
    shops.forget(shop);
  }
}

// Whether the word of an end is about the present installation. Webhooks come late: after a re-installation, that of
// the one before may still be on its way. Throws where it names none and the shop does not say whether the token is
// dead: then it is to come again.
async function isOf(kept, shop, told) {
  if (kept.installation && "installationId" in told) return kept.installation === String(told.installationId);
  return !(await platform.isAlive(shop, kept.token));
}

// The orders of a shop, for whoever comes with a good link.
async function page(shop, kept) {
  const { body } = await platform.call(shop, kept.token, "/orders?limit=10");
  const rows = body.orders.map((order) => {
    const cells = [order.name, order.financialStatus, `${order.totalPrice} ${order.currency}`];
    return `<tr>${cells.map((cell) => `<td>${safe(cell)}`).join("")}`;
  });
  return `${head(shop, kept)}<main><table>${COLUMNS}<tbody>${rows.join("")}</table></main>`;
}

// The page in the admin's frame: embedded.js asks for the orders with a session token.
function frame(shop, kept) {
  return (
    `${head(shop, kept)}<main data-admin="${safe(ADMIN)}" data-shop="${safe(shop)}">` +
    `<p id=says role=status></p><table hidden>${COLUMNS}<tbody></table>` +
    "<button type=button>Look again</button></main><script src=/embedded.js></script>"
  );
}

// How every page begins.
function head(shop, kept) {
  return (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Orders</title>" +
    '<meta name=viewport content="width=device-width"><link rel=stylesheet href=/page.css>' +
    `<header><h1>Orders of ${safe(shop)}</h1>` +
    `<p>Granted: ${safe(kept.scope)}. Paid orders that webhooks told of: ${kept.paid.length}.</p></header>`
  );
}

async function serve(request, response) {
  const [path, search = ""] = request.url.split("?");
  const query = new URLSearchParams(search);
  if (request.method === "POST" && path === "/webhooks") return take(request, response);
  if (request.method !== "GET") return answer(response, 405, "This page is only read.");
  if (path === "/healthz") return answer(response, 200, "ok");
  if (path === "/orders") return ordersOfSession(request, response, query);
  if (path in FILES) {
    const text = await readFile(new URL(`.${path}`, import.meta.url));
    return answer(response, 200, text, { headers: { "Content-Type": FILES[path] } });
  }
  if (path !== "/" && path !== "/callback") return answer(response, 404, "There is no such page.");
  if (!platform.isRedirect(search)) {
    const old = "This link is not from the shop's admin, or is too old: open the app from there.";
    return answer(response, 401, old, { framed: query.has("embedded") });
  }
  const isAnswer = path === "/callback" && query.has("state");
  return isAnswer ? comeBack(request, response, query) : launch(response, query);
}

const server = createServer((request, response) => {
  serve(request, response).catch((error) => answer(response, 502, `The shop did not answer: ${safe(error.message)}`));
});
// Named localhost, and not 127.0.0.1 like Till: browsers keep cookies apart by the name, not by the port.
const { port: named, protocol } = new URL(APP_URL);
const { HOST = "127.0.0.1", PORT = named || (protocol === "https:" ? 443 : 80) } = process.env;
server.on("error", (error) => {
  leave(`The app cannot listen at ${HOST}:${PORT}, ${error.code}: HOST and PORT say where else.`);
});
server.listen(Number(PORT), HOST, () => say({ url: APP_URL }));
