// The message being written: text, files, the message it replies to, commands.

import { $, grow, icon, make, sendOnEnter, toast } from "./dom.js";
import { brief, nameOf } from "./bubble.js";
import { order } from "./net.js";
import { inTopic, isGroup, person, place, state } from "./state.js";
import { tray } from "./tray.js";
import { language, words } from "./words.js";
import { go, inviters, messages } from "./chat.js";

const form = $("#chat .writer");
const area = $("textarea", form);
const quoted = $(".quoted", form);
const commands = $(".commands", form);
const ideas = $(".ideas", form);
const files = tray(form, $("#chat .screen"), { photos: true });

let replyTo = 0;
let editing = 0;
let here = ""; // the place that the form belongs to
const drafts = new Map(); // place → what was begun there
const forced = new Map(); // place → the last message that asked for a reply
let wanted = false; // the field is to be written in as soon as it is shown
let options = []; // of the command menu
let option = 0;

export function write(text) {
  area.value = text;
  wanted = form.hidden; // the messages that open the chat are on their way
  grow(area);
  area.focus();
  area.setSelectionRange(text.length, text.length);
  showCommands();
  showIdeas();
}

export function reply(id) {
  editing = 0;
  replyTo = id;
  showQuoted();
  area.focus();
}

export function edit(id) {
  const m = messages().find((one) => one.id === id);
  if (!m) return;
  replyTo = 0;
  editing = id;
  files.clear();
  showQuoted();
  write(m.text);
}

// arrive stores the message being written in the place left and restores the one of the
// new place.
export function arrive() {
  if (place() === here) return;
  wanted = false;
  drafts.set(here, { text: area.value, replyTo, editing, files: files.files });
  here = place();
  const d = drafts.get(here) || { text: "", replyTo: 0, editing: 0, files: [] };
  ({ replyTo, editing } = d);
  files.set(d.files);
  area.value = d.text;
  grow(area);
  commands.hidden = true;
  refresh(messages());
}

// refresh follows the messages: it starts a forced reply, and drops references to deleted
// messages.
export function refresh(all) {
  if (!here) here = place();
  const view = state.chats.get(state.chat);
  const inside = view.bot === "member" || view.bot === "administrator";
  form.hidden = isGroup() ? !inside && all.length === 0 : all.length === 0;
  if (wanted && !form.hidden) write(area.value);
  const last = all[all.length - 1];
  if (last?.force_reply && forced.get(here) !== last.id && asks(last, all)) {
    forced.set(here, last.id);
    replyTo = last.id;
    editing = 0;
    if (!document.activeElement?.closest("#desk")) area.focus();
  }
  const there = (id) => id && view.messages.some((m) => m.id === id);
  if (replyTo && !there(replyTo)) replyTo = 0;
  if (editing && !there(editing)) editing = 0;
  showQuoted();
  showIdeas();
}

// asks returns whether a forced reply is meant for the person shown.
function asks(m, all) {
  if (!m.selective) return true;
  const to = all.find((one) => one.id === m.reply_to);
  return to?.from.id === state.who || (m.entities || []).some((e) => e.user?.id === state.who);
}

function showQuoted() {
  const m = state.chats.get(state.chat)?.messages.find((one) => one.id === (editing || replyTo));
  quoted.hidden = !m;
  area.placeholder = m?.placeholder || words.message;
  if (!m) return;
  $("use", quoted).setAttribute("href", editing ? "#i-edit" : "#i-reply");
  $("b", quoted).textContent = editing ? words.editing : nameOf(m);
  $("span", quoted).textContent = brief(m);
}

function showIdeas() {
  const view = state.chats.get(state.chat);
  if (!view) return;
  let list = [];
  if (isGroup() && view.bot !== "member" && view.bot !== "administrator") {
    list = [make("span", {}, words.botLeft), ...inviters()];
  } else if (!area.value && !replyTo && !editing && files.files.length === 0) {
    const role = person(state.who).role;
    list = [...(role === "stranger" ? [] : words.ideas), ...words.ideasOf[role]]
      .map(([name, text]) => make("button", { type: "button", onclick: () => write(text) }, name));
  }
  const key = list.map((e) => e.textContent).join() + state.who;
  if (ideas.dataset.key === key) return;
  ideas.dataset.key = key;
  ideas.replaceChildren(...list);
  ideas.hidden = list.length === 0;
}

function clear() {
  area.value = "";
  grow(area);
  files.clear();
  replyTo = 0;
  editing = 0;
  showQuoted();
  showIdeas();
}

$("button", quoted).addEventListener("click", () => {
  if (editing) area.value = "";
  replyTo = 0;
  editing = 0;
  grow(area);
  showQuoted();
  area.focus();
});

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  commands.hidden = true;
  const text = area.value.trim();
  if (!text && files.files.length === 0) return;
  const at = { user: state.who, chat: state.chat };
  if (isGroup() && state.topic) at.thread = state.topic;
  let sent;
  if (editing) {
    sent = order("telegram/edit", { user: at.user, chat: at.chat, message: editing, text });
  } else if (files.files.length) {
    const list = await files.items();
    const what = { ...at, reply_to: replyTo };
    list[0].caption = text;
    sent = list.length > 1 ? order("telegram/album", { ...what, items: list }) : order("telegram/file", { ...what, ...list[0] });
  } else {
    sent = order("telegram/send", { ...at, reply_to: replyTo, text });
  }
  if (await sent) clear();
});

// The command menu opens on a slash and by its button.

function showCommands(all = false) {
  const menu = state.chats.get(state.chat)?.menus[state.who] || [];
  const typed = /^\/(\w*)$/.exec(area.value);
  options = typed || all ? menu.filter((c) => !typed || c.command.startsWith(typed[1])) : [];
  option = 0;
  commands.hidden = options.length === 0;
  $(".menu", form).setAttribute("aria-expanded", String(!commands.hidden));
  commands.replaceChildren(...options.map((c, i) => make("li", {
    id: "command" + i, role: "option", onmousedown: (e) => e.preventDefault(), onclick: () => choose(c),
  }, make("b", {}, "/" + c.command), make("span", {}, c.description))));
  mark();
}

function mark() {
  [...commands.children].forEach((e, i) => e.setAttribute("aria-selected", String(i === option)));
  commands.children[option]?.scrollIntoView({ block: "nearest" });
  if (commands.hidden) area.removeAttribute("aria-activedescendant");
  else area.setAttribute("aria-activedescendant", "command" + option);
}

// choose sends a command as Telegram does.
function choose(c) {
  area.value = "/" + c.command;
  commands.hidden = true;
  form.requestSubmit();
}

area.addEventListener("input", () => {
  showCommands();
  showIdeas();
});
area.addEventListener("blur", () => { commands.hidden = true; });
area.addEventListener("keydown", (e) => {
  if (e.isComposing) return;
  if (!commands.hidden) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) option = (option + step + options.length) % options.length;
    else if (e.key === "Tab" && !e.shiftKey) write("/" + options[option].command + " ");
    else if (e.key === "Enter") choose(options[option]);
    else if (e.key === "Escape") commands.hidden = true;
    else return;
    e.preventDefault();
    mark();
    return;
  }
  if (e.key === "Escape" && (replyTo || editing)) {
    $("button", quoted).click();
  } else if (e.key === "ArrowUp" && !area.value) {
    // As in Telegram, edit one's own last message.
    const mine = messages().filter((m) => m.from.id === state.who && !m.forwarded && !m.service).pop();
    if (!mine) return;
    e.preventDefault();
    edit(mine.id);
  }
});
$(".menu", form).addEventListener("click", () => {
  const open = commands.hidden;
  area.focus();
  commands.hidden = true;
  if (open) showCommands(true);
});
sendOnEnter(area);
