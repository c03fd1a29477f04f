// What the app keeps of each shop, in one JSON file that is whole at every moment.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const MOST_HEARD = 10_000;

export class Shops {
  #path;
  #all;
  #heard = new Set();
  #turn = Promise.resolve();

  constructor(path) {
    this.#path = path;
    this.#all = new Map(existsSync(path) ? Object.entries(JSON.parse(readFileSync(path, "utf8"))) : []);
  }

  // By handle: shopId, installation, token, scope, and the orders that were paid.
  get(handle) {
    return this.#all.get(handle);
  }

  put(handle, told) {
    const kept = { paid: [], ...this.#all.get(handle), ...told };
    this.#write(new Map(this.#all).set(handle, kept));
    return kept;
  }

  forget(handle) {
    this.#write(new Map([...this.#all].filter(([name]) => name !== handle)));
  }

  // Handles a delivery the first time that it comes: every one may come twice. One after another, and heard only if
  // all went well: what failed is new when it comes again.
  once(delivery, handle) {
    const handled = this.#turn.then(async () => {
      if (this.#heard.has(delivery)) return;
      await handle();
      this.#heard.add(delivery);
      if (this.#heard.size > MOST_HEARD) this.#heard.delete(this.#heard.values().next().value);
    });
    this.#turn = handled.catch(() => {});
    return handled;
  }

  #write(all) {
    writeFileSync(`${this.#path}.part`, JSON.stringify(Object.fromEntries(all), null, 1), { mode: 0o600 });
    renameSync(`${this.#path}.part`, this.#path);
    this.#all = all;
  }
}
