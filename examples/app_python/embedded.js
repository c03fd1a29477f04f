// The page inside the admin: shows the shop's orders. Every call of the app brings a fresh session token, by which
// the app knows who asks; cookies would not do, since browsers keep them from a page in another site's frame.
const KIND = "till:session-token";
const PATIENCE = 10_000; // milliseconds

const main = document.querySelector("main");
const says = document.querySelector("#says");
const table = document.querySelector("table");
const again = document.querySelector("button");
const { admin, shop } = main.dataset;
let asked = 0;

// Something to tell the merchant as it is.
class Sorry extends Error {}

// Asks the admin, which is the page around this one, for a session token: it is good for a minute.
async function sessionToken() {
  const id = ++asked;
  const done = new AbortController();
  try {
    return await new Promise((resolve, reject) => {
      const hear = ({ origin, source, data }) => {
        if (origin !== admin || source !== parent || data?.type !== KIND || data.id !== id) return;
        if (data.token) resolve(data.token);
        else reject(new Sorry("Your session has ended. Open the app again from the admin."));
      };
      const late = () => reject(new Sorry("The admin does not answer. Open the app again from there."));
      addEventListener("message", hear, { signal: done.signal });
      setTimeout(late, PATIENCE);
      parent.postMessage({ type: KIND, id }, admin);
    });
  } finally {
    done.abort();
  }
}

// The shop's last orders, as the app's own server tells them.
async function orders() {
  const token = await sessionToken();
  const answer = await fetch(`/orders?shop=${encodeURIComponent(shop)}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  if (answer.status === 401) throw new Sorry("The app could not tell who you are. Open it again from the admin.");
  if (!answer.ok) throw new Sorry("The shop did not give its orders. Try again in a moment.");
  return (await answer.json()).orders;
}

// Values are set as text, never as HTML: what is in an order was typed by a stranger.
function show(found) {
  table.tBodies[0].replaceChildren();
  for (const order of found) {
    const row = table.tBodies[0].insertRow();
    for (const value of [order.name, order.financialStatus, `${order.totalPrice} ${order.currency}`]) {
      row.insertCell().textContent = value;
    }
  }
  table.hidden = found.length === 0;
  says.textContent = found.length === 0 ? "There are no orders yet." : "";
}

async function refresh() {
  again.disabled = true;
  says.textContent = "Asking for the orders …";
  try {
    show(await orders());
  } catch (error) {
    table.hidden = true;
    says.textContent = error instanceof Sorry ? error.message : "The app does not answer. Try again in a moment.";
  } finally {
    again.disabled = false;
  }
}

again.addEventListener("click", refresh);
refresh();
