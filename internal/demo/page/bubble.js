// A message as Telegram shows it.

import { icon, make, size, time } from "./dom.js";
import { formatted } from "./text.js";
import { isGroup, person, state } from "./state.js";
import { words, language } from "./words.js";

export const nameOf = (m) => (m.from_bot ? words.botTitle : person(m.from.id)?.name[language] || m.from.first_name);
export const brief = (m) => (m.text || m.service || (m.file && (m.file.name || words.kinds[m.file.kind])) || words.file).replace(/\s+/g, " ").slice(0, 120);
export const isMine = (m) => !m.from_bot && m.from.id === state.who;

// items groups messages for display: days, notes, single messages and albums, each with
// its position in a run of one author.
export function items(messages) {
  const list = [];
  let date = "";
  for (const m of messages) {
    const itsDate = new Date(m.date).toDateString();
    if (itsDate !== date) list.push({ key: "day" + itsDate, day: m.date });
    date = itsDate;
    const last = list[list.length - 1];
    if (m.service) list.push({ key: "note" + m.id, note: m });
    else if (m.album && last.messages?.[0].album === m.album) last.messages.push(m);
    else list.push({ key: "m" + m.id, messages: [m] });
  }
  list.forEach((it, i) => {
    if (!it.messages) return;
    const by = (other) => other?.messages?.[0].from.id;
    const me = by(it);
    it.first = by(list[i - 1]) !== me;
    it.last = by(list[i + 1]) !== me;
  });
  return list;
}

// bubble builds the element of a message or an album. to finds the message replied to.
export function bubble(it, to, act) {
  const [m] = it.messages;
  const mine = isMine(m);
  const said = it.messages.find((one) => one.text) || m;
  const body = make("div", { className: "bubble" });
  if (isGroup() && !mine && it.first) body.append(make("b", { className: `name of-${m.from_bot ? "bot" : m.from.id}` }, nameOf(m)));
  if (m.forwarded) body.append(make("span", { className: "forwarded" }, words.forwarded));
  if (m.reply_to) body.append(quote(m, to, act));
  const media = it.messages.filter((one) => one.file);
  if (media.length) body.append(files(media));
  const reaction = it.messages.find((one) => one.reaction)?.reaction;
  const when = stamp(it.messages, mine);
  // The time is in the last line of the text, or beside a reaction.
  const inLine = said.text && !reaction;
  if (said.text) body.append(make("div", { className: "text" }, formatted(said.text, said.entities, act), inLine && when));
  if (!inLine) body.append(make("div", { className: "foot" }, reaction && reacted(reaction), when));
  const row = make("div", { className: "row" }, body, tools(m, mine, act));
  const e = make("article", {
    className: `message ${mine ? "mine" : "theirs"}${it.first ? " first" : ""}${it.last ? " last" : ""}${media.length && !said.text ? " only-file" : ""}`,
    tabIndex: -1, data: { id: m.id }, "aria-label": `${nameOf(m)}, ${time(m.date)}`,
  });
  if (isGroup() && !mine) e.append(make("span", { className: `avatar of-${m.from_bot ? "bot" : m.from.id}`, "aria-hidden": "true" }, m.from_bot ? "" : nameOf(m)[0]));
  const column = make("div", { className: "column" }, row);
  if (m.buttons) column.append(keyboard(m, act));
  e.append(column);
  return e;
}

function quote(m, to, act) {
  return make("button", { type: "button", className: "quote", data: { control: "quote" }, onclick: () => act.reveal(m.reply_to) },
    make("b", {}, to ? nameOf(to) : ""), make("span", {}, to ? brief(to) : words.gone));
}

const pictures = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const symbols = { voice: "sound", audio: "music", video: "film", animation: "film", video_note: "film" };

function files(list) {
  const shown = list.filter((m) => m.file.kind === "photo" && pictures.has(m.file.mime));
  const others = list.filter((m) => !shown.includes(m));
  const address = (m) => "telegram/download?id=" + encodeURIComponent(m.file.id);
  return make("div", { className: "files" },
    shown.length ? make("div", { className: `photos n${Math.min(shown.length, 4)}` }, shown.map((m) => make("a", {
      href: address(m), target: "_blank", rel: "noreferrer", data: { control: "file" + m.id },
    }, make("img", { src: address(m), alt: m.file.name || words.kinds.photo })))) : null,
    others.map((m) => make("a", { className: "file", href: address(m), download: m.file.name || m.file.kind, data: { control: "file" + m.id } },
      make("span", { className: "badge" }, icon(symbols[m.file.kind] || "file")),
      make("span", {}, make("b", {}, m.file.name || words.kinds[m.file.kind]), make("small", {}, size(m.file.size))))));
}

function reacted(reaction) {
  const meaning = words.reactions[reaction] || "";
  return make("span", { className: "reaction", title: meaning, role: "img", "aria-label": `${reaction} ${meaning}` }, reaction);
}

// stamp is the time of a message and its status: one tick if Telegram has it, two if the
// bot has it.
function stamp(list, mine) {
  const [m] = list;
  const sign = (symbol, name) => make("span", { title: name, role: "img", "aria-label": name }, icon(symbol));
  const read = list.every((one) => one.read);
  return make("span", { className: "stamp" },
    m.silent && m.from_bot && sign("quiet", words.silent),
    m.pinned && sign("pin", words.pinned),
    (list.some((one) => one.edits) ? words.edited + " " : "") + time(m.date),
    mine && sign(read ? "checks" : "check", read ? words.read : words.sent));
}

function tools(m, mine, act) {
  const button = (name, symbol, label, run) => make("button", {
    type: "button", className: "plain", title: label, "aria-label": label, data: { control: name }, onclick: (e) => run(e.currentTarget),
  }, icon(symbol));
  return make("div", { className: "tools" },
    button("reply", "reply", words.reply, () => act.reply(m.id)),
    button("more", "more", words.more, (at) => act.more(at, m, mine)));
}

function keyboard(m, act) {
  return make("div", { className: "keyboard" }, m.buttons.map((row, r) => make("div", {}, row.map((b, c) => {
    const control = `b${r}.${c}`;
    if (b.url) {
      return make("a", {
        className: "key", href: /^https?:/i.test(b.url) ? b.url : "#", target: "_blank", rel: "noreferrer", data: { control },
        onclick: (e) => { if (act.link(b.url)) e.preventDefault(); },
      }, b.text, make("small", { "aria-hidden": "true" }, "↗"));
    }
    if (b.copy_text) return make("button", { type: "button", className: "key", data: { control }, onclick: () => act.copy(b.copy_text.text) }, b.text);
    return make("button", {
      type: "button", className: `key ${b.style || ""}`, data: { control },
      onclick: (e) => act.press(e.currentTarget, m.id, b.callback_data),
    }, b.text);
  }))));
}
