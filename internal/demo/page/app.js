// The page: receives the events of both sides and shows them.

import { $, remember } from "./dom.js";
import { listen, order } from "./net.js";
import { state } from "./state.js";
import { label, language, words } from "./words.js";
import * as chat from "./chat.js";
import * as desk from "./desk.js";
import { announce } from "./push.js";
import * as tour from "./tour.js";

label(document);

// On a narrow screen one side is shown at a time; the other's tab gets a dot when
// something happens there.
function show(side) {
  document.body.dataset.side = side;
  for (const name of ["chat", "desk"]) {
    const tab = $("#tab-" + name);
    tab.setAttribute("aria-pressed", String(name === side));
    if (name === side) $(".dot", tab).hidden = true;
  }
  if (side === "chat") chat.show();
  else if (state.cast) desk.show();
}
for (const name of ["chat", "desk"]) $("#tab-" + name).addEventListener("click", () => show(name));

function happened(side, differs) {
  if (differs && document.body.dataset.side !== side) $(".dot", $("#tab-" + side)).hidden = false;
}

$("#language").addEventListener("click", () => {
  remember("language", language === "ru" ? "en" : "ru");
  location.reload();
});
$("#theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark" ||
    (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  remember("theme", document.documentElement.dataset.theme);
});

tour.furnish(show);

listen({
  cast(cast) {
    const first = !state.cast;
    state.cast = cast;
    if (first) {
      desk.furnish();
      desk.showFaults();
      desk.show();
      if (cast.language !== language) order("language", { language });
    }
    chat.show();
  },
  chat(view) {
    const before = state.chats.get(view.id) || view;
    state.chats.set(view.id, view);
    chat.show();
    happened("chat", view.messages.length !== before.messages.length);
    if (state.cast) announce(view, before, show);
    tour.refresh();
  },
  answers(list) {
    state.answers = list;
    chat.showAnswers();
  },
  desk(tickets) {
    const count = (list) => list.reduce((sum, t) => sum + t.posts.length, 0);
    const differs = count(tickets) !== count(state.tickets);
    state.tickets = tickets;
    if (state.cast) desk.show();
    happened("desk", differs);
    tour.refresh();
  },
  faults(faults) {
    state.faults = faults;
    desk.showFaults();
    tour.refresh();
  },
  outage(outage) {
    state.outage = outage;
    tour.refresh();
  },
  play(play) {
    tour.follow(play, show);
    tour.refresh();
  },
}, (lost) => {
  $(".lost").hidden = !lost;
  document.body.dataset.live = lost ? "lost" : "yes";
});

document.title = `plusofon-bot · ${words.tabChat} ⇄ ${words.deskTitle}`;
