// What goes to the program and comes from it.

import { toast } from "./dom.js";
import { words } from "./words.js";

// order tells a stand-in what somebody does there; null where it did not work,
// which is said.
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

// listen follows what happens on both sides. handlers are by event; lost says
// whether the program is there.
export function listen(handlers, lost) {
  const events = new EventSource("events");
  for (const [name, handle] of Object.entries(handlers)) {
    events.addEventListener(name, (e) => handle(JSON.parse(e.data)));
  }
  events.onopen = () => lost(false);
  events.onerror = () => lost(true);
}

// base64 reads a file as the stand-ins take it.
export function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
