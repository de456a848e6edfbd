// Plusofon's side: the tickets, answering them, and the faults.

import { $, $$, day, grow, icon, make, menu, sendOnEnter, size, time, toast } from "./dom.js";
import { order } from "./net.js";
import { markup } from "./text.js";
import { state } from "./state.js";
import { tray } from "./tray.js";
import { language, words } from "./words.js";

const desk = $("#desk");
const list = $(".tickets", desk);
const ticket = $(".ticket", desk);
const posts = $(".posts", desk);
const form = $("form", ticket);
const area = $("textarea", form);
const as = $("select", form);
const files = tray(form, $(".office", desk));

let chosen = 0; // the ticket that is open
let shownPosts = "";
const drafts = new Map(); // ticket → text
const read = new Map(); // ticket → posts that were in sight

export const current = () => state.tickets.find((t) => t.id === chosen);

export function choose(id) {
  drafts.set(chosen, area.value);
  chosen = id;
  area.value = drafts.get(id) || "";
  files.clear();
  show();
  grow(area);
}

export function write(text) {
  area.value = text;
  grow(area);
  area.focus();
}

// waits returns whether the customer wrote last.
const waits = (t) => t.open && !t.posts[t.posts.length - 1].staff;

export function show() {
  // The first ticket opens automatically if there is room for it beside the list.
  if (!current() && chosen !== 0) chosen = 0;
  if (!chosen && state.tickets.length && desk.clientWidth > 560) chosen = state.tickets[state.tickets.length - 1].id;
  const t = current();
  desk.classList.toggle("reading", Boolean(t));
  ticket.hidden = !t;
  $(".nothing", desk).hidden = Boolean(t);
  if (t && desk.offsetParent) read.set(t.id, t.posts.length);
  showList();
  if (t) showTicket(t);
}

function showList() {
  $(".empty", list).hidden = state.tickets.length > 0;
  const focus = list.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
  $$("button", list).forEach((e) => e.remove());
  for (const t of [...state.tickets].sort((a, b) => lastDate(b) - lastDate(a) || b.id - a.id)) {
    const status = t.open ? (waits(t) ? "waits" : "open") : "closed";
    list.append(make("button", {
      type: "button", data: { id: t.id }, className: (read.get(t.id) || 0) < t.posts.length ? "unread" : "",
      "aria-pressed": String(t.id === chosen), onclick: () => choose(t.id),
    }, make("b", {}, t.subject || words.noSubject), make("small", {}, `№${t.id}`), make("span", { className: "state " + status }, words[status])));
  }
  if (focus) $(`[data-id="${focus}"]`, list)?.focus({ preventScroll: true });
}

const lastDate = (t) => Date.parse(t.posts[t.posts.length - 1].date);

function showTicket(t) {
  $("h3", ticket).textContent = t.subject || words.noSubject;
  $(".subject p", ticket).textContent = `№${t.id} · ${t.open ? words.open : words.closed} · ${t.posts[0].author}`;
  const toggle = $(".toggle", ticket);
  toggle.textContent = t.open ? words.close : words.reopen;
  toggle.dataset.order = t.open ? "plusofon/close" : "plusofon/reopen";
  const json = JSON.stringify([t.id, t.posts]);
  if (json === shownPosts) return;
  shownPosts = json;
  posts.replaceChildren(...t.posts.map(post));
  posts.scrollTop = posts.scrollHeight;
}

function post(p) {
  return make("li", { className: p.staff ? "staff" : "customer" },
    make("span", { className: "avatar " + (p.staff ? "staff" : ""), "aria-hidden": "true" }, p.author[0].toUpperCase()),
    make("div", {},
      make("div", { className: "who" }, make("b", {}, p.staff ? p.author : words.customer), make("small", {}, `${day(p.date)}, ${time(p.date)}`)),
      p.text ? make("div", { className: "text" }, p.staff ? markup(p.text) : p.text) : null,
      (p.attachments || []).map((f) => make("a", {
        className: "attachment", href: `plusofon/download?id=${f.id}`, download: f.name,
      }, icon("file"), make("b", {}, f.name), make("small", {}, size(f.size))))));
}

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  const text = area.value.trim();
  const t = current();
  if (!t || (!text && files.files.length === 0)) return;
  let sent;
  if (as.value === "customer") {
    if (files.files.length || !text) return toast(words.noFilesThere);
    sent = order("plusofon/customer-reply", { ticket: t.id, text });
  } else {
    const attachments = (await files.items()).map(({ name, content }) => ({ name, content }));
    sent = order("plusofon/reply", { ticket: t.id, name: state.cast.staff[language], text, attachments });
  }
  if (!await sent) return;
  area.value = "";
  grow(area);
  files.clear();
});

$(".toggle", ticket).addEventListener("click", (e) => order(e.currentTarget.dataset.order, { ticket: chosen }));
$(".back", ticket).addEventListener("click", () => {
  const id = chosen;
  choose(0);
  $(`[data-id="${id}"]`, list)?.focus();
});
$("#cabinet").addEventListener("click", async () => {
  const [subject, text] = words.cabinetExample;
  const said = await order("plusofon/open", { subject, text });
  if (said) choose(said.ticket);
});

// Formatting wraps the selection.
function wrap(before, after) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  area.setRangeText(before + value.slice(from, to) + after, from, to, "end");
  if (from === to) area.setSelectionRange(from + before.length, from + before.length);
  area.focus();
  grow(area);
}

export function furnish() {
  $(".format", form).append(...words.formats.map(([symbol, name, before, after]) => make("button", {
    type: "button", className: "plain", title: name, "aria-label": name, onclick: () => wrap(before, after),
  }, symbol)), make("button", {
    type: "button", className: "samples", "aria-haspopup": "menu",
    onclick: (e) => menu(e.currentTarget, words.sampleList.map(([name, text]) => ["edit", name, () => write(text)])),
  }, words.samples, icon("down")));
  as.append(make("option", { value: "staff" }, state.cast.staff[language]), make("option", { value: "customer" }, words.asCustomer));
  $(".faults", desk).append(...Object.entries(words.faultNames).map(([name, [title, about]]) => make("button", {
    type: "button", role: "switch", "aria-checked": "false", title: about, data: { fault: name }, onclick: () => toggle(name),
  }, title)));
  sendOnEnter(area);
}

// The switches, by the stand-in's names and values.
const switches = { slow: ["slow_ms", 3000], down: ["down", true], lost: ["answer_lost", true], limit: ["rate_limited_s", 3] };

export async function toggle(name) {
  const now = Object.fromEntries(Object.values(switches).map(([field]) => [field, state.faults[field]]));
  const [field, on] = switches[name];
  now[field] = now[field] ? (on === true ? false : 0) : on;
  await order("plusofon/switch", now);
}

export function showFaults() {
  for (const [name, [field]] of Object.entries(switches)) {
    $(`[data-fault="${name}"]`, desk)?.setAttribute("aria-checked", String(Boolean(state.faults[field])));
  }
}
