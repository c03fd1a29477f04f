// Loaded before a Node app by NODE_OPTIONS=--require=…: Node 20 heeds no HTTPS_PROXY, so this has `https` and
// `fetch` reach Genstore's hosts through the proxy that the variable names. All other hosts are left alone.
"use strict";
const http = require("node:http");
const https = require("node:https");
const tls = require("node:tls");

const proxy = new URL(process.env.HTTPS_PROXY || process.env.https_proxy || "http://127.0.0.1:8081");
const isGenstore = (host) => /(^|\.)genmystore\.(com|ai)\.?$/i.test(host || "");

// Has TLS with `host` in a tunnel, and tells `done(error, socket)` when it is up.
function reach(host, port, options, done) {
  const place = `${host}:${port || 443}`;
  const asking = http.request({
    host: proxy.hostname,
    port: proxy.port || 80,
    method: "CONNECT",
    path: place,
    headers: { Host: place },
    agent: false,
  });
  asking.once("error", done);
  asking.once("connect", (answer, socket) => {
    if (answer.statusCode !== 200) {
      socket.destroy();
      done(new Error(`${proxy.host} answered ${answer.statusCode} for ${place}`));
      return;
    }
    const secure = tls.connect({ ...options, socket, servername: options.servername || host });
    secure.once("error", done);
    secure.once("secureConnect", () => {
      secure.off("error", done);
      done(null, secure);
    });
  });
  asking.end();
}

const direct = https.Agent.prototype.createConnection;
https.Agent.prototype.createConnection = function createConnection(options, done) {
  if (!isGenstore(options.host)) return direct.call(this, options, done);
  const { host, port, path, ...rest } = options;
  reach(host, port, rest, done);
  return undefined;
};

void globalThis.Headers; // loads what `fetch` is made of
const usual = globalThis[Symbol.for("undici.globalDispatcher.1")];
if (usual) {
  const through = new usual.constructor({
    connect: ({ hostname, port, servername }, done) =>
      reach(hostname, port, { servername, ALPNProtocols: ["http/1.1"] }, done),
  });
  const dispatch = usual.dispatch.bind(usual);
  usual.dispatch = (options, handler) => {
    const url = new URL(options.origin);
    const isOurs = url.protocol === "https:" && isGenstore(url.hostname);
    return isOurs ? through.dispatch(options, handler) : dispatch(options, handler);
  };
}
