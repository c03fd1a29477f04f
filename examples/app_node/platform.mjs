// What the app says to Genstore, or to Till in its place, and how it knows what comes from there.
import { createHmac, timingSafeEqual } from "node:crypto";

const FRESH = 300;

// The platform said no; `status` is 0 where it could not be reached.
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const digest = (secret, text, encoding) => createHmac("sha256", secret).update(text).digest(encoding);

// Compares bytes: what came may have as many characters, and yet more of them.
function same(one, other) {
  const [ours, theirs] = [Buffer.from(one), Buffer.from(other)];
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

export class Platform {
  // `url` is where shops are: https://{shop}.genmystore.com, or the address of a Till.
  constructor({ url, clientId, secret }) {
    Object.assign(this, { url, clientId, secret });
  }

  of(shop) {
    return this.url.replace("{shop}", shop);
  }

  // Where the merchant is asked; without `scope`, for all that the app declares.
  authorizeUrl(shop, redirectUri, state, codeChallenge) {
    const query = new URLSearchParams({
      clientId: this.clientId,
      redirectUri,
      responseType: "code",
      state,
      codeChallenge,
      codeChallengeMethod: "S256",
      shop,
    });
    return `${this.of(shop)}/oauth2/authorize?${query}`;
  }

  // Exchanges a code or a session token for an access token.
  async token(shop, grant) {
    const body = { clientId: this.clientId, clientSecret: this.secret, shop, ...grant };
    return (await this.#send(`${this.of(shop)}/oauth2/token`, "POST", body)).body;
  }

  // One call of the API: the JSON of the answer and its headers.
  call(shop, token, path, body) {
    return this.#send(`${this.of(shop)}/api/202412${path}`, body ? "POST" : "GET", body, token);
  }

  // False where the token is dead; throws where that cannot be found out.
  async isAlive(shop, token) {
    try {
      await this.call(shop, token, "/oauth2/access_scopes");
      return true;
    } catch (error) {
      if (error.status !== 401) throw error;
      return false;
    }
  }

  // The id of the installation that the token is of; empty where the platform does not tell.
  async installation(shop, token) {
    try {
      const { headers } = await this.call(shop, token, "/oauth2/access_scopes");
      return headers.get("x-till-installation") ?? "";
    } catch {
      return "";
    }
  }

  // True if the platform made this query, and made it just now: its values are taken as they came.
  isRedirect(query) {
    const parts = query.split("&");
    const said = parts.filter((part) => part.startsWith("hmac="));
    const [time, ...more] = parts.filter((part) => /^timestamp=\d+$/.test(part));
    if (said.length !== 1 || !time || more.length) return false;
    const name = (part) => part.split("=")[0];
    const rest = parts.filter((part) => !part.startsWith("hmac="));
    rest.sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
    const isFresh = Math.abs(Date.now() / 1000 - Number(time.slice(10))) < FRESH;
    return isFresh && same(digest(this.secret, rest.join("&"), "hex"), said[0].slice(5));
  }

  // True if the platform signed these very bytes.
  isWebhook(body, signature) {
    return same(digest(this.secret, body, "base64"), signature ?? "");
  }

  // Who uses the embedded app, if the token is the platform's, for this app, and good now; else null.
  userOf(sessionToken) {
    const [head, claims, signature, ...more] = sessionToken.split(".");
    if (!signature || more.length) return null;
    if (!same(digest(this.secret, `${head}.${claims}`, "base64url"), signature)) return null;
    try {
      const [kind, said] = [head, claims].map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
      const now = Date.now() / 1000;
      const isGood = kind.alg === "HS256" && said.aud === this.clientId && said.nbf - 5 <= now && now < said.exp;
      return isGood ? String(said.sub) : null;
    } catch {
      return null;
    }
  }

  async #send(url, method, body, token) {
    const headers = { "Content-Type": "application/json" };
    if (token) headers["X-Genstore-Access-Token"] = token;
    let answer;
    try {
      answer = await fetch(url, {
        method,
        headers,
        body: body && JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.timeout(30_000),
      });
    } catch (error) {
      throw new Refused(0, String(error.cause ?? error));
    }
    if (!answer.ok) throw new Refused(answer.status, (await answer.text()).slice(0, 1000));
    return { body: await answer.json(), headers: answer.headers };
  }
}
