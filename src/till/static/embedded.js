// Gives the app in the frame a fresh session token whenever it asks for one, and nobody else.
"use strict";

const frame = document.getElementById("app");
const stuck = document.getElementById("stuck");
const unheard = document.getElementById("unheard");
const { origin, tokens } = frame.dataset;
const KIND = "till:session-token";
const ENDED = [401, 403, 404];

/** What is asked of the server: a `token`, or an `error`; only where it leads away or refuses, the session has ended. */
async function asked() {
  try {
    const response = await fetch(tokens, { method: "POST", redirect: "manual", credentials: "same-origin" });
    if (response.type === "opaqueredirect" || ENDED.includes(response.status)) {
      return { error: "no session" };
    }
    if (!response.ok) {
      throw new Error(`HTTP ${response.status}`);
    }
    return { token: (await response.json()).token };
  } catch {
    return { error: "no answer" };
  }
}

window.addEventListener("message", async (event) => {
  if (event.origin !== origin || event.source !== frame.contentWindow || event.data?.type !== KIND) {
    return;
  }
  const answer = { type: KIND, id: event.data.id, ...(await asked()) };
  stuck.hidden = answer.error !== "no session";
  unheard.hidden = answer.error !== "no answer";
  event.source.postMessage(answer, origin);
});
