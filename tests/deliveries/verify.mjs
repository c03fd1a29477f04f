// Verifies deliveries with nothing but Node's own crypto: cases on standard input, verdicts on standard output.
// A case is {secret, bodyBase64, headers}; a verdict says whether each of the two signatures is good.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

const same = (a, b) => a.length === b.length && timingSafeEqual(a, b);
const sign = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac("sha256", key)).digest();

const verdicts = JSON.parse(readFileSync(0, "utf8")).map(({ secret, bodyBase64, headers }) => {
  const body = Buffer.from(bodyBase64, "base64");
  const of = (name) => headers[Object.keys(headers).find((key) => key.toLowerCase() === name)];
  const compat = same(sign(secret, body), Buffer.from(of("x-genstore-hmac-sha256"), "base64"));
  const expected = sign(secret, `${of("webhook-id")}.${of("webhook-timestamp")}.`, body);
  const standard = of("webhook-signature")
    .split(" ")
    .some((each) => each.startsWith("v1,") && same(expected, Buffer.from(each.slice(3), "base64")));
  return { compat, standard };
});
process.stdout.write(JSON.stringify(verdicts));
