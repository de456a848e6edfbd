"use strict";

const anna = 100;
const largest = 50 * 1024 * 1024; // bytes of a file: what the stand-ins take

label(document);

const $ = (selector, root = document) => root.querySelector(selector);

// make builds an element; children are elements and texts, never markup.
function make(tag, properties, ...children) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return e;
}

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const time = (date) => clock.format(new Date(date));

function size(bytes) {
  let unit = 0;
  while (bytes >= 1024 && unit < 2) {
    bytes /= 1024;
    unit++;
  }
  return `${unit ? bytes.toLocaleString(language, { maximumFractionDigits: 1 }) : bytes} ${words.units[unit]}`;
}

// order tells a stand-in what somebody does there.
async function order(path, what) {
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

let toastTimer;
function toast(text) {
  const e = $(".toast");
  e.textContent = text;
  e.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { e.hidden = true; }, 4000);
}

// base64 reads a file as the stand-ins take it.
function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

// attachable lets a form hold one file, shown by its name.
function attachable(form) {
  const input = $("input[type=file]", form);
  const chosen = $(".chosen", form);
  const show = () => {
    const file = input.files[0];
    if (file && file.size > largest) {
      input.value = "";
      toast(words.tooBig);
      return show();
    }
    chosen.hidden = !file;
    $("span", chosen).textContent = file ? `📎 ${file.name}, ${size(file.size)}` : "";
  };
  const clear = () => {
    input.value = "";
    show();
  };
  input.addEventListener("change", show);
  $("button", chosen).addEventListener("click", clear);
  return { get file() { return input.files[0]; }, clear };
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = Math.min(area.scrollHeight + 2, 160) + "px";
}

// sendOnEnter: Enter sends where there is a keyboard, Shift+Enter breaks the line.
function sendOnEnter(area) {
  area.addEventListener("input", () => grow(area));
  area.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing && matchMedia("(hover: hover)").matches) {
      e.preventDefault();
      area.form.requestSubmit();
    }
  });
}

// Formatting: entities count UTF-16 units, as strings here do.

const tags = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

function formatted(text, entities) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const part = (from, to, inside) => {
    const nodes = [];
    while (inside.length) {
      const e = inside.shift();
      const end = Math.min(e.offset + e.length, to);
      if (e.offset < from) continue;
      nodes.push(...leaf(text.slice(from, e.offset)));
      const nested = [];
      while (inside.length && inside[0].offset < end) nested.push(inside.shift());
      nodes.push(styled(e, text.slice(e.offset, end), part(e.offset, end, nested)));
      from = end;
    }
    nodes.push(...leaf(text.slice(from, to)));
    return nodes;
  };
  return part(0, text.length, sorted);
}

// leaf makes the commands in a text pressable, as Telegram does without entities.
function leaf(text) {
  return text.split(/(?<=^|\s)(\/[a-z_]{2,32})(?![\w/])/).map((piece, i) => (i % 2 ? command(piece) : piece));
}

function command(name) {
  return chore("button", { type: "button", className: "command" }, () => write(name + " "), name);
}

function styled(entity, plain, children) {
  switch (entity.type) {
    case "spoiler": {
      const e = make("span", { className: "spoiler", tabIndex: 0 }, ...children);
      e.addEventListener("click", (event) => { event.stopPropagation(); e.classList.add("shown"); });
      return e;
    }
    case "bot_command":
      return command(plain);
    case "text_link":
    case "url": {
      const to = entity.url || (/^https?:/i.test(plain) ? plain : "https://" + plain);
      if (!/^https?:/i.test(to)) return make("span", {}, ...children);
      return make("a", { href: to, target: "_blank", rel: "noreferrer" }, ...children);
    }
  }
  return make(tags[entity.type] || "span", {}, ...children);
}

// chore is an element with a click of its own inside a message.
function chore(tag, properties, act, ...children) {
  const e = make(tag, properties, ...children);
  e.addEventListener("click", (event) => { event.stopPropagation(); act(e); });
  return e;
}

// Anna's chat.

const list = $(".messages");
const writer = $(".writer");
const area = $("textarea", writer);
const attached = attachable(writer);
const shown = new Map(); // message id → what it was shown as
let messages = new Map();
let replyTo = 0;
let forcedBy = 0; // the last message that has asked for a reply
let lastAnswer; // the id of the bot's last answer to a press

function write(text) {
  area.value = text;
  grow(area);
  area.focus();
}

function setReply(id) {
  const m = messages.get(id);
  replyTo = m ? id : 0;
  const quoted = $(".quoted", writer);
  quoted.hidden = !m;
  area.placeholder = m && m.placeholder ? m.placeholder : words.message;
  if (!m) return;
  $("b", quoted).textContent = `${words.replyTo}: ${who(m)}`;
  $("span", quoted).textContent = brief(m);
  area.focus();
}

const who = (m) => (m.from_bot ? words.bot : words.you);
const brief = (m) => (m.text || (m.file && m.file.name) || words.file).slice(0, 120);

function bubble(m) {
  const e = make("div", { className: "message " + (m.from_bot ? "theirs" : "mine") });
  e.dataset.id = m.id;
  const body = make("div", { className: "bubble" });
  if (m.reply_to) {
    const to = messages.get(m.reply_to);
    body.append(chore("button", { type: "button", className: "quote" }, () => reveal(m.reply_to),
      make("b", {}, to ? who(to) : ""), make("span", {}, to ? brief(to) : words.gone)));
  }
  if (m.file) {
    body.append(make("div", { className: "file" }, make("span", {}, m.file.kind === "photo" ? "🖼" : "📄"),
      make("div", {}, make("b", {}, m.file.name || words.file), make("small", {}, size(m.file.size)))));
  }
  if (m.text) body.append(make("div", { className: "text" }, ...formatted(m.text, m.entities)));
  const foot = make("div", { className: "foot" });
  if (m.reaction) foot.append(make("span", { className: "reaction", title: words.reactions[m.reaction] || "" }, m.reaction));
  foot.append(make("small", {}, [m.silent && m.from_bot ? "🔕" : "", time(m.date)].filter(Boolean).join(" ")));
  body.append(foot);
  const reply = chore("button", { type: "button", className: "reply", title: words.reply }, () => setReply(m.id), "↩");
  reply.setAttribute("aria-label", words.reply);
  body.addEventListener("click", () => { if (!String(getSelection())) setReply(m.id); });
  e.append(make("div", { className: "row" }, body, reply));
  for (const row of m.buttons || []) {
    e.append(make("div", { className: "buttons" }, ...row.map((b) => {
      if (b.url) return make("a", { href: /^https?:/i.test(b.url) ? b.url : "#", target: "_blank", rel: "noreferrer" }, b.text + " ↗");
      return chore("button", { type: "button" }, (button) => press(button, m.id, b.callback_data), b.text);
    })));
  }
  return e;
}

async function press(button, message, data) {
  button.disabled = true;
  await order("telegram/press", { user: anna, message, data });
  button.disabled = false;
}

function reveal(id) {
  const e = $(`[data-id="${id}"]`, list);
  if (!e) return;
  e.scrollIntoView({ block: "center", behavior: "smooth" });
  e.classList.add("found");
  setTimeout(() => e.classList.remove("found"), 1200);
}

function showChat(view) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const visible = view.messages.filter((m) => !m.service);
  messages = new Map(visible.map((m) => [m.id, m]));
  for (const [id, old] of shown) {
    if (!messages.has(id)) {
      old.element.remove();
      shown.delete(id);
    }
  }
  for (const m of visible) {
    const json = JSON.stringify(m);
    const old = shown.get(m.id);
    if (old && old.json === json) continue;
    const element = bubble(m);
    if (old) old.element.replaceWith(element);
    else list.append(element);
    shown.set(m.id, { json, element });
  }
  const empty = visible.length === 0;
  $(".start").hidden = !empty;
  $(".about").textContent = view.about[language] || words.about;
  writer.hidden = empty;
  list.hidden = empty;
  const last = visible[visible.length - 1];
  if (last && last.force_reply && last.id !== forcedBy) {
    forcedBy = last.id;
    setReply(last.id);
  }
  if (replyTo && !messages.has(replyTo)) setReply(0);
  if (atEnd || (last && !last.from_bot)) list.scrollTop = list.scrollHeight;
  const answer = view.answer || { id: "" };
  if (lastAnswer !== undefined && answer.id !== lastAnswer && answer.text) toast(answer.text);
  lastAnswer = answer.id;
}

$(".start button").addEventListener("click", async () => {
  await order("telegram/user", { id: anna, first_name: words.anna, language_code: language });
  await order("telegram/send", { user: anna, text: "/start" });
});

$(".ideas").append(...words.ideas.map(([name, text]) => chore("button", { type: "button" }, () => {
  setReply(0);
  write(text);
}, name)));

$(".quoted button").addEventListener("click", () => setReply(0));
sendOnEnter(area);

writer.addEventListener("submit", async (e) => {
  e.preventDefault();
  const text = area.value.trim();
  const file = attached.file;
  if (!text && !file) return;
  const what = { user: anna, reply_to: replyTo };
  const sent = file
    ? order("telegram/file", { ...what, kind: "document", name: file.name, mime: file.type, content: await base64(file), caption: text })
    : order("telegram/send", { ...what, text });
  if (!await sent) return;
  area.value = "";
  grow(area);
  attached.clear();
  setReply(0);
});

// The support's desk.

const desk = $(".tickets");
const cards = new Map(); // ticket id → its card

function card(t) {
  const e = $("#ticket").content.cloneNode(true).firstElementChild;
  label(e);
  const form = $("form", e);
  const text = $("textarea", form);
  const file = attachable(form);
  sendOnEnter(text);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim() && !file.file) return;
    const attachments = file.file ? [{ name: file.file.name, content: await base64(file.file) }] : [];
    if (!await order("plusofon/reply", { ticket: t.id, name: words.staffName, text: text.value.trim(), attachments })) return;
    text.value = "";
    grow(text);
    file.clear();
  });
  $(".toggle", form).addEventListener("click", () =>
    order($(".toggle", form).dataset.order, { ticket: t.id }));
  return e;
}

function post(p) {
  return make("li", { className: p.staff ? "staff" : "customer" },
    make("div", { className: "who" }, make("b", {}, p.staff ? p.author : words.customer), make("small", {}, time(p.date))),
    p.text ? make("p", {}, p.text) : null,
    ...(p.attachments || []).map((f) => make("div", { className: "attachment" }, `📎 ${f.name}, ${size(f.size)}`)));
}

function showDesk(tickets) {
  $(".empty", desk).hidden = tickets.length > 0;
  for (const t of tickets) {
    let c = cards.get(t.id);
    if (!c) {
      c = { element: card(t) };
      cards.set(t.id, c);
      desk.prepend(c.element);
      desk.scrollTop = 0;
    }
    const json = JSON.stringify(t);
    if (c.json === json) continue;
    c.json = json;
    const e = c.element;
    e.classList.toggle("closed", !t.open);
    $("h3", e).textContent = `${words.ticketName}${t.id} · ${t.subject || words.noSubject}`;
    $(".state", e).textContent = t.open ? words.open : words.closed;
    const posts = $(".posts", e);
    posts.replaceChildren(...t.posts.map(post));
    posts.scrollTop = posts.scrollHeight;
    const toggle = $(".toggle", e);
    toggle.textContent = t.open ? words.close : words.reopen;
    toggle.dataset.order = t.open ? "plusofon/close" : "plusofon/reopen";
  }
  // A program that was started again knows nothing of the tickets before.
  for (const [id, c] of cards) {
    if (!tickets.some((t) => t.id === id)) {
      c.element.remove();
      cards.delete(id);
    }
  }
}

// On a narrow screen one side is shown at a time, and the other's tab gets a
// dot when something happens there.

function show(side) {
  document.body.dataset.side = side;
  for (const name of ["chat", "desk"]) {
    const tab = $("#tab-" + name);
    tab.setAttribute("aria-selected", name === side);
    if (name === side) $(".dot", tab).hidden = true;
  }
  // What is not shown can't be scrolled.
  for (const e of [list, ...desk.querySelectorAll(".posts")]) e.scrollTop = e.scrollHeight;
}
for (const name of ["chat", "desk"]) $("#tab-" + name).addEventListener("click", () => show(name));

const seen = {};
function happened(side) {
  if (seen[side] && document.body.dataset.side !== side) $(".dot", $("#tab-" + side)).hidden = false;
  seen[side] = true;
}

const events = new EventSource("events");
events.addEventListener("chat", (e) => { showChat(JSON.parse(e.data)); happened("chat"); });
events.addEventListener("desk", (e) => { showDesk(JSON.parse(e.data)); happened("desk"); });
events.onopen = () => { $(".lost").hidden = true; };
events.onerror = () => { $(".lost").hidden = false; };
