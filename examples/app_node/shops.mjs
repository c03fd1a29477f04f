// What the app keeps of each shop, in one JSON file that is whole at every moment.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const MOST_SEEN = 10_000;

export class Shops {
  #path;
  #all;
  #seen = new Set();

  constructor(path) {
    this.#path = path;
    this.#all = new Map(existsSync(path) ? Object.entries(JSON.parse(readFileSync(path, "utf8"))) : []);
  }

  // By handle: shopId, installation, token, scope, and the orders that were paid.
  get(handle) {
    return this.#all.get(handle);
  }

  put(handle, told) {
    this.#all.set(handle, { paid: [], ...this.#all.get(handle), ...told });
    this.#write();
    return this.#all.get(handle);
  }

  forget(handle) {
    this.#all.delete(handle);
    this.#write();
  }

  // True the first time that a delivery comes: every one may come twice.
  isNew(delivery) {
    const isNew = !this.#seen.has(delivery);
    this.#seen.add(delivery);
    if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value);
    return isNew;
  }

  #write() {
    writeFileSync(`${this.#path}.part`, JSON.stringify(Object.fromEntries(this.#all), null, 1), { mode: 0o600 });
    renameSync(`${this.#path}.part`, this.#path);
  }
}
