// What the page asks of the monitor.

// get reads one address of the API; null where there is no such thing, or
// nothing to ask for.
export async function get(path) {
  if (path === null) return null;
  const response = await fetch(path, { headers: { Accept: "application/json" } });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

// listen calls news for each new block and lost or found as the connection goes.
export function listen({ news, connected }) {
  const source = new EventSource("/events");
  source.addEventListener("block", (event) => news(JSON.parse(event.data)));
  source.addEventListener("open", () => connected(true));
  source.addEventListener("error", () => connected(false));
}
