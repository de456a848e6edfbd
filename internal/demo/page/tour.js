// The first steps, and the automatic scenario.

import { $, icon, make, recall, remember } from "./dom.js";
import { order } from "./net.js";
import { state } from "./state.js";
import { language, words } from "./words.js";
import * as chat from "./chat.js";
import * as desk from "./desk.js";
import * as writer from "./writer.js";

const tour = $(".tour");
const playing = $(".playing");
let hidden = recall("hints") === "off";
let dismissed = false; // the scenario's last words

const posts = () => state.tickets.flatMap((t) => t.posts.map((p, i) => ({ ...p, answered: i > 0 && t.posts.slice(0, i).some((b) => b.staff) })));

// done holds whether each step was taken.
const done = () => [
  state.tickets.length > 0,
  posts().some((p) => p.staff),
  posts().some((p) => !p.staff && p.answered),
  Boolean(state.outage.over),
];

// stage is the progress of the last step: take Plusofon down, write something, bring
// Plusofon back, and wait for the message to arrive.
function stage() {
  if (state.outage.held) return state.faults.down ? 2 : 3;
  return state.faults.down ? 1 : 0;
}

// task is the current instruction and the label of its button.
const task = (step) => (step < 0 ? [words.stepsDone, ""] : step < 3 ? words.steps[step].slice(1) : words.outage[stage()]);

// answer starts Anna's reply to the support's last message.
function answer(show, text) {
  show("chat");
  chat.go({ who: 100, chat: 100 });
  const news = chat.messages().filter((m) => m.from_bot && m.buttons).pop();
  if (news) writer.reply(news.id);
  writer.write(text);
}

// The action of each step's button.
const help = (show) => [
  async () => {
    show("chat");
    chat.go({ who: 100, chat: 100 });
    if (chat.messages().length === 0) await order("telegram/send", { user: 100, text: "/start" });
    writer.write(words.examples[0]);
  },
  () => {
    show("desk");
    if (!desk.current()) desk.choose(state.tickets[state.tickets.length - 1].id);
    desk.write(words.examples[1]);
  },
  () => answer(show, words.examples[2]),
  () => {
    if (stage() === 1) return answer(show, words.examples[3]);
    show(stage() === 0 ? "chat" : "desk");
    desk.toggle("down");
  },
];

export function furnish(show) {
  $(".close", tour).addEventListener("click", () => set(true));
  $("#hints").addEventListener("click", () => set(!hidden));
  $("#play").addEventListener("click", () => order("play"));
  $("button", playing).addEventListener("click", () => {
    if (state.play.running) return order("stop");
    dismissed = true;
    refresh();
  });
  const helpers = help(show);
  $(".primary", tour).addEventListener("click", () => helpers[done().indexOf(false)]?.());
}

function set(off) {
  hidden = off;
  remember("hints", off ? "off" : "on");
  refresh();
}

export function refresh() {
  const play = state.play;
  const isPlaying = Boolean(play.step) && !dismissed;
  playing.hidden = !isPlaying;
  tour.hidden = hidden || isPlaying;
  $("#hints").setAttribute("aria-pressed", String(!hidden));
  $("#play").disabled = Boolean(play.running);
  if (isPlaying) {
    const bar = $("progress", playing);
    bar.max = play.of;
    bar.value = play.running ? play.step - 1 : play.step;
    say($("p", playing), play.said[language]);
    $("button span", playing).textContent = play.running ? words.stop : words.hide;
    $("button use", playing).setAttribute("href", play.running ? "#i-stop" : "#i-close");
  }
  if (tour.hidden) return;
  const steps = done();
  const now = steps.indexOf(false);
  $("ol", tour).replaceChildren(...words.steps.map(([name], i) => make("li", {
    className: steps[i] ? "done" : i === now ? "now" : "", "aria-current": i === now ? "step" : undefined,
  }, make("span", { className: "number", "aria-hidden": "true" }, steps[i] ? icon("check") : String(i + 1)), name)));
  const [hint, name] = task(now);
  say($(".hint", tour), hint);
  const button = $(".primary", tour);
  button.hidden = !name;
  button.textContent = name;
}

// say changes a live region only if its text differs, so that it is read out once.
function say(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

// follow shows the scenario's progress.
export function follow(play, show) {
  const moved = play.running && (play.step !== state.play.step || !state.play.running);
  state.play = play;
  if (!moved) return;
  dismissed = false;
  show(play.side);
  if (play.who && state.cast) chat.go({ who: play.who, chat: play.who });
  const newest = state.tickets[state.tickets.length - 1];
  if (play.side === "desk" && newest) desk.choose(newest.id);
}
