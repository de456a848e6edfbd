// The connection to the program.

import { toast } from "./dom.js";
import { words } from "./words.js";

// order sends a person's action to a stand-in; null on failure, which is shown.
export async function order(path, what = {}) {
  try {
    const answer = await fetch(path, { method: "POST", body: JSON.stringify(what) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    return said;
  } catch (e) {
    toast(words.failed + e.message);
    return null;
  }
}

// listen receives the events of both sides. handlers are by event; lost is called with
// whether the program is unreachable.
export function listen(handlers, lost) {
  const events = new EventSource("events");
  for (const [name, handle] of Object.entries(handlers)) {
    events.addEventListener(name, (e) => handle(JSON.parse(e.data)));
  }
  events.onopen = () => lost(false);
  events.onerror = () => lost(true);
}

// base64 reads a file in the form the stand-ins accept.
export function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
