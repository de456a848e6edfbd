// A notification as on a phone, for messages of the bot that are out of view.

import { $ } from "./dom.js";
import { brief } from "./bubble.js";
import { chatsOf, go, isShown, titleOf } from "./chat.js";
import { inTopic, person, state } from "./state.js";

const push = $(".push");
const sight = 8000; // how long it stays, ms
let timer;
let at = {}; // what it is of
let open = () => {};

push.addEventListener("click", () => open());
document.addEventListener("click", () => { if (inSight()) hide(); });

const inSight = () => isShown() && state.chat === at.chat && state.topic === at.topic;

function hide() {
  clearTimeout(timer);
  push.hidden = true;
}

// announce shows the last new message of a chat if it makes a sound and is not visible to
// the person shown.
export function announce(view, before, show) {
  const last = Math.max(0, ...before.messages.map((m) => m.id));
  const m = view.messages.filter((one) => one.id > last && one.from_bot && !one.silent && !one.service).pop();
  if (!m || !chatsOf(person(state.who)).includes(view.id)) return;
  const topic = inTopic(view, m.thread || 0).includes(m) ? m.thread || 0 : 0;
  at = { chat: view.id, topic };
  if (inSight()) return;
  $("b", push).textContent = titleOf(view.id);
  $("span", push).textContent = m.text.slice(0, 200) || brief(m);
  open = () => {
    show("chat");
    go(at);
  };
  clearTimeout(timer);
  push.hidden = false;
  timer = setTimeout(hide, sight);
}
