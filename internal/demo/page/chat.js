// Telegram's side: the person, their chats, and the messages of one chat.

import { $, $$, ask, day, icon, make, menu, toast } from "./dom.js";
import { brief, bubble, isMine, items, nameOf } from "./bubble.js";
import { order } from "./net.js";
import { inTopic, isGroup, person, place, state } from "./state.js";
import { language, words } from "./words.js";
import * as writer from "./writer.js";

const list = $("#chat .messages");
const start = $("#chat .start");
const toEnd = $("#chat .to-end");

let shownPlace = ""; // whose chat and topic the list shows
let shown = new Map(); // key → {json, element}
let current = null; // the message that the keyboard is at
let stuck = true; // the end is in sight and is to stay there
const seen = new Map(); // person and chat → id of the last message that was in sight
const presses = new Map(); // callback id → the button that waits for its answer
const answered = new Map(); // callback id → the bot's answer

// messages returns those shown in the current place.
export const messages = () => inTopic(state.chats.get(state.chat), isGroup() ? state.topic : 0);

const act = {
  command: (name) => writer.write(name + " "),
  link: follow,
  reveal,
  reply: (id) => writer.reply(id),
  copy,
  press,
  more(at, m, mine) {
    const actions = [["reply", words.reply, () => writer.reply(m.id)]];
    if (mine && !m.forwarded) actions.push(["edit", words.edit, () => writer.edit(m.id)]);
    if (person(state.who).role !== "stranger") actions.push(["forward", words.forward, () => forward(m)]);
    if (m.text) actions.push(["copy", words.copy, () => copy(m.text)]);
    menu(at, actions);
  },
};

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(words.copied);
  } catch {
    toast(text);
  }
}

async function forward(m) {
  const from = state.chat;
  const to = await ask(words.forwardTo, [[words.toBot, state.who], [words.toGroup, state.cast.group]]);
  if (to === undefined) return;
  if (await order("telegram/forward", { user: state.who, chat: to, from_chat: from, message: m.id })) go({ chat: to, topic: 0 });
}

async function press(button, message, data) {
  button.classList.add("waiting");
  const said = await order("telegram/press", { user: state.who, chat: state.chat, message, data });
  if (!said) return button.classList.remove("waiting");
  presses.set(said.id, button);
  settle();
}

// settle shows the answers to button presses made here. An answer can arrive before the
// press itself is confirmed.
function settle() {
  for (const [id, button] of presses) {
    const answer = answered.get(id);
    if (!answer) continue;
    presses.delete(id);
    button.classList.remove("waiting");
    if (answer.alert && answer.text) ask(answer.text, [["OK", 0]]);
    else if (answer.text) toast(answer.text);
    if (answer.url) follow(answer.url);
  }
}

export function showAnswers() {
  answered.clear();
  for (const a of state.answers) answered.set(a.id, a);
  settle();
}

// follow opens a Telegram link as Telegram does: to a topic of the group, or to the bot,
// to start it or to add it to the group. It returns whether the link was one.
function follow(address) {
  const url = URL.parse(address);
  const [, group, topic] = /^\/c\/(\d+)\/(\d+)/.exec(url?.hostname === "t.me" ? url.pathname : "") || [];
  if (Number("-100" + group) === state.cast.group) {
    go({ chat: state.cast.group, topic: Number(topic) });
    return true;
  }
  if (url?.hostname !== "t.me" || url.pathname.slice(1).toLowerCase() !== state.cast.bot.username.toLowerCase()) return false;
  if (url.searchParams.has("startgroup")) {
    invite("administrator").then((done) => done && go({ chat: state.cast.group, topic: 0 }));
    return true;
  }
  // A link is usually for someone other than the person shown.
  const people = [...state.cast.people].sort((a, b) => (a.id === state.who) - (b.id === state.who));
  ask(words.openAs, people.map((p) => [p.name[language], p.id])).then(async (who) => {
    if (who === undefined) return;
    const text = ("/start " + (url.searchParams.get("start") || "")).trim();
    if (await order("telegram/send", { user: who, text })) go({ who, chat: who, topic: 0 });
  });
  return true;
}

// go shows another person, chat or topic.
export function go(to) {
  const before = place();
  const wasGroup = isGroup();
  Object.assign(state, to);
  if (to.who && !to.chat) state.chat = wasGroup && person(to.who).role !== "stranger" ? state.cast.group : to.who;
  if (to.chat && to.topic === undefined && before !== place()) state.topic = 0;
  show();
  writer.arrive();
}

// unread counts a chat's messages that the person has not seen.
function unread(who, chat) {
  const view = state.chats.get(chat);
  const last = seen.get(`${who}:${chat}`) || 0;
  return view ? view.messages.filter((m) => m.id > last && m.from.id !== who && !m.service).length : 0;
}

function badge(n) {
  return n ? make("span", { className: "count", "aria-label": words.unread(n) }, n > 99 ? "99+" : String(n)) : null;
}

export const chatsOf = (p) => (p.role === "stranger" ? [p.id] : [p.id, state.cast.group]);

export const titleOf = (id) => (id === state.cast.group ? state.cast.title[language] : words.botTitle);

const avatarOf = (id) => (id === state.cast.group ? make("span", { className: "avatar group", "aria-hidden": "true" }, titleOf(id)[0])
  : make("span", { className: "avatar bot", "aria-hidden": "true" }));

function showNav() {
  showChoices($("#chat .people"), words.you, state.cast.people.map((p) => make("button", {
    type: "button", "aria-pressed": String(p.id === state.who), data: { control: "p" + p.id }, onclick: () => go({ who: p.id }),
  }, make("span", { className: `avatar of-${p.id}`, "aria-hidden": "true" }, p.name[language][0]),
  make("span", { className: "who" }, p.name[language], make("small", {}, words.roles[p.role])),
  p.id === state.who ? null : badge(chatsOf(p).reduce((sum, c) => sum + unread(p.id, c), 0)))));

  showChoices($("#chat .chats"), words.chatList, chatsOf(person(state.who)).map((id) => {
    const group = id === state.cast.group;
    return make("button", {
      type: "button", "aria-pressed": String(id === state.chat), data: { control: "c" + id }, onclick: () => go({ chat: id }),
    }, avatarOf(id), make("span", { className: "who" }, titleOf(id)),
    id === state.chat ? null : badge(unread(state.who, id)));
  }));

  $("#chat .head").replaceChildren(avatarOf(state.chat), make("div", {}, make("h3", {}, titleOf(state.chat)), make("p", {}, isGroup() ? words.groupKind : words.botKind)));

  const topics = isGroup() ? state.chats.get(state.chat)?.topics || [] : [];
  if (!topics.some((t) => t.id === state.topic)) state.topic = 0;
  const bar = $("#chat .topics");
  bar.hidden = topics.length === 0;
  replace(bar, bar.hidden ? [] : [{ id: 0, name: words.general }, ...topics].map((t) => make("button", {
    type: "button", "aria-pressed": String(t.id === state.topic), data: { control: "t" + t.id }, onclick: () => go({ topic: t.id }),
  }, make("span", {}, (t.id ? "" : "# ") + t.name), t.closed ? make("small", {}, words.topicClosed) : null)));
}

// showChoices shows a column's choices under their title.
const showChoices = (parent, title, list) => replace(parent, [make("span", { className: "title", "aria-hidden": "true" }, title), ...list]);

// replace replaces the children and restores the keyboard focus.
function replace(parent, children) {
  const at = parent.contains(document.activeElement) ? document.activeElement.dataset.control : undefined;
  parent.replaceChildren(...children);
  if (at) parent.querySelector(`[data-control="${at}"]`)?.focus({ preventScroll: true });
}

// isShown returns whether this side is visible.
export const isShown = () => document.body.dataset.side === "chat" || matchMedia("(min-width: 861px)").matches;

export function show() {
  if (!state.cast || !state.chats.has(state.chat)) return;
  const all = messages();
  const last = all[all.length - 1];
  if (isShown()) {
    seen.set(`${state.who}:${state.chat}`, last ? Math.max(last.id, seen.get(`${state.who}:${state.chat}`) || 0) : 0);
  }
  showNav();
  showStart(all);
  showPinned(all);
  showMessages(messages());
  writer.refresh(messages());
}

function showStart(all) {
  const bot = state.chats.get(state.chat).bot;
  const inside = bot === "member" || bot === "administrator";
  const empty = isGroup() ? all.length === 0 && !inside : all.length === 0;
  start.hidden = !empty;
  list.hidden = empty;
  if (!empty) return;
  const group = isGroup();
  $(".avatar", start).className = "avatar large " + (group ? "group" : "bot");
  $(".avatar", start).textContent = group ? titleOf(state.chat)[0] : "";
  $("h3", start).textContent = titleOf(state.chat);
  $("p", start).textContent = group ? words.groupEmpty : state.cast.about[language] || words.about;
  replace($(".choices", start), group ? inviters() : [make("button", {
    type: "button", className: "primary", data: { control: "begin" },
    onclick: () => order("telegram/send", { user: state.who, text: "/start" }),
  }, words.begin)]);
}

const rights = { ManageTopics: true, PinMessages: true, DeleteMessages: true };

// inviters are the ways to add the bot to the group.
export function inviters() {
  return [["administrator", words.addAdmin, "primary"], ["member", words.addMember, "tool"]].map(([status, name, className]) => make("button", {
    type: "button", className, data: { control: status },
    onclick: () => invite(status),
  }, name));
}

const invite = (status) => order("telegram/bot", { user: state.who, chat: state.cast.group, status, rights: status === "administrator" ? rights : {} });

function showPinned(all) {
  const m = all.filter((one) => one.pinned).pop();
  const bar = $("#chat .pinned");
  bar.hidden = !m;
  bar.replaceChildren(...(m ? [make("button", { type: "button", onclick: () => reveal(m.id) }, icon("pin"), make("b", {}, words.pinned), make("span", {}, brief(m)))] : []));
}

function showMessages(all) {
  const moved = place() !== shownPlace;
  if (moved) {
    shownPlace = place();
    shown = new Map();
    list.replaceChildren();
    list.setAttribute("aria-live", "off"); // what is there already is not news
    setTimeout(() => list.setAttribute("aria-live", "polite"));
    stuck = true;
  }
  const byId = new Map(state.chats.get(state.chat).messages.map((m) => [m.id, m]));
  const next = new Map();
  let at = list.firstElementChild;
  let mineIsNew = false;
  for (const it of items(all)) {
    const to = it.messages?.[0].reply_to ? byId.get(it.messages[0].reply_to) : undefined;
    const json = JSON.stringify([it, to && brief(to)]);
    const old = shown.get(it.key);
    let element = old?.element;
    if (!old || old.json !== json) {
      element = it.day ? make("div", { className: "day" }, make("span", {}, day(it.day)))
        : it.note ? make("div", { className: "note" }, make("span", {}, note(it.note)))
        : bubble(it, to, act);
      resign(element);
      if (old) exchange(old.element, element, () => { if (at === old.element) at = element; });
      else mineIsNew ||= it.messages && isMine(it.messages[0]);
    }
    next.set(it.key, { json, element });
    if (at === element) at = at.nextElementSibling;
    else list.insertBefore(element, at);
  }
  while (at) {
    const gone = at;
    at = at.nextElementSibling;
    gone.remove();
  }
  shown = next;
  if (!current?.isConnected || !list.contains(document.activeElement)) attend([...list.querySelectorAll("article")].pop());
  if (stuck || mineIsNew) scrollToEnd();
  else toEnd.hidden = list.hidden;
}

const note = (m) => (words.services[m.service] || m.service).replace("{name}", nameOf(m));

// exchange replaces a message's element and keeps the keyboard focus there.
function exchange(old, element, then) {
  const focus = old.contains(document.activeElement) ? document.activeElement : null;
  const control = focus?.dataset.control;
  old.replaceWith(element);
  then();
  if (current === old) {
    current = null;
    attend(element);
  }
  if (focus) ((control && element.querySelector(`[data-control="${control}"]`)) || element).focus({ preventScroll: true });
}

// The messages are one stop for the Tab key, together with the controls of the current one.

const controls = (e) => $$("a, button, [role=button]", e);
const resign = (e) => controls(e).forEach((c) => { c.tabIndex = -1; });

function attend(e) {
  if (e === current) return;
  if (current) {
    current.tabIndex = -1;
    resign(current);
  }
  current = e || null;
  if (!e) return;
  e.tabIndex = 0;
  controls(e).forEach((c) => { c.tabIndex = 0; });
}

list.addEventListener("focusin", (e) => attend(e.target.closest("article") || current));
list.addEventListener("keydown", (e) => {
  const at = e.target.closest("article");
  if (!at) return;
  const all = $$("article", list);
  const to = { ArrowUp: all[all.indexOf(at) - 1], ArrowDown: all[all.indexOf(at) + 1], Home: all[0], End: all[all.length - 1] }[e.key];
  if (to) {
    e.preventDefault();
    to.focus();
  } else if (e.key === "Enter" && e.target === at) {
    e.preventDefault();
    writer.reply(Number(at.dataset.id));
  }
});
list.addEventListener("dblclick", (e) => {
  const at = e.target.closest("article");
  if (at && !e.target.closest("a, button")) writer.reply(Number(at.dataset.id));
});

function scrollToEnd() {
  list.scrollTop = list.scrollHeight;
  stuck = true;
  toEnd.hidden = true;
}

let top = 0;
list.addEventListener("scroll", () => {
  // Only a person scrolls up: otherwise the end stays in view.
  if (list.scrollHeight - list.scrollTop - list.clientHeight < 60) stuck = true;
  else if (list.scrollTop < top) stuck = false;
  top = list.scrollTop;
  toEnd.hidden = stuck;
});
list.addEventListener("load", () => { if (stuck) scrollToEnd(); }, true); // a picture has its height now
new ResizeObserver(() => { if (stuck) scrollToEnd(); }).observe(list);
toEnd.addEventListener("click", scrollToEnd);

function reveal(id) {
  const view = state.chats.get(state.chat);
  const head = view.messages.find((m) => m.id === id);
  const first = head?.album ? view.messages.find((m) => m.album === head.album) : head;
  const e = first && $(`article[data-id="${first.id}"]`, list);
  if (!e) return;
  e.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  e.classList.add("found");
  e.focus({ preventScroll: true });
  e.addEventListener("animationend", () => e.classList.remove("found"), { once: true });
}
