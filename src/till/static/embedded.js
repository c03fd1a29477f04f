// Gives the app in the frame a fresh session token whenever it asks for one, and nobody else.
"use strict";

const frame = document.getElementById("app");
const stuck = document.getElementById("stuck");
const { origin, tokens } = frame.dataset;
const KIND = "till:session-token";

window.addEventListener("message", async (event) => {
  if (event.origin !== origin || event.source !== frame.contentWindow || event.data?.type !== KIND) {
    return;
  }
  const answer = { type: KIND, id: event.data.id };
  try {
    const response = await fetch(tokens, { method: "POST", redirect: "error", credentials: "same-origin" });
    if (!response.ok) {
      throw new Error(`HTTP ${response.status}`);
    }
    answer.token = (await response.json()).token;
    stuck.hidden = true;
  } catch {
    answer.error = "no session";
    stuck.hidden = false;
  }
  event.source.postMessage(answer, origin);
});
