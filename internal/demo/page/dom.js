// Elements and small widgets used by both sides.

import { language, words } from "./words.js";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// make builds an element. Children are elements and texts, never markup;
// properties that an element does not have become attributes.
export function make(tag, properties = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(e.dataset, value);
    else if (name in e && !name.startsWith("aria")) e[name] = value;
    else e.setAttribute(name, value);
  }
  e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== "" && c !== false));
  return e;
}

const vector = "http://www.w3.org/2000/svg";

export function icon(name) {
  const e = document.createElementNS(vector, "svg");
  e.classList.add("icon");
  e.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(vector, "use");
  use.setAttribute("href", "#i-" + name);
  e.append(use);
  return e;
}

// 24-hour time in both languages, as the bot writes it.
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const time = (date) => clock.format(new Date(date));

const calendar = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });
export const day = (date) => calendar.format(new Date(date));

// moment formats a date_time entity of Telegram: d shows the day, t the time.
export const moment = (date, format) => [format.includes("d") && day(date), format.includes("t") && time(date)].filter(Boolean).join(", ");

export function size(bytes) {
  let unit = 0;
  while (bytes >= 1024 && unit < 2) {
    bytes /= 1024;
    unit++;
  }
  return `${unit ? bytes.toLocaleString(language, { maximumFractionDigits: 1 }) : bytes} ${words.units[unit]}`;
}

let toastTimer;
export function toast(text) {
  const e = $(".toast");
  e.textContent = text;
  e.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => e.classList.remove("shown"), 2500 + 40 * text.length);
}

// ask shows a modal question and returns the value chosen, or undefined.
export function ask(text, choices) {
  const dialog = $("dialog.ask");
  if (dialog.open) dialog.close();
  $("p", dialog).textContent = text;
  return new Promise((resolve) => {
    let chosen;
    $(".answers", dialog).replaceChildren(...choices.map(([name, value], i) => make("button", {
      className: i === 0 ? "primary" : "tool", onclick: () => { chosen = value; },
    }, name)));
    dialog.addEventListener("close", () => resolve(chosen), { once: true });
    dialog.showModal();
  });
}

// menu opens a list of actions at a button.
export function menu(at, actions) {
  const list = make("div", { className: "popup", role: "menu", popover: "auto" });
  const back = document.activeElement;
  list.append(...actions.map(([symbol, name, act]) => make("button", {
    type: "button", role: "menuitem", onclick: () => { list.hidePopover(); act(); },
  }, icon(symbol), name)));
  list.addEventListener("toggle", (e) => {
    if (e.newState !== "closed") return;
    list.remove();
    if (document.activeElement === document.body) back?.focus({ preventScroll: true });
  });
  list.addEventListener("keydown", (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const all = [...list.children];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  });
  document.body.append(list);
  list.showPopover();
  const r = at.getBoundingClientRect();
  list.style.left = Math.max(8, Math.min(r.left, innerWidth - list.offsetWidth - 8)) + "px";
  list.style.top = (r.bottom + list.offsetHeight + 8 > innerHeight ? Math.max(8, r.top - list.offsetHeight - 4) : r.bottom + 4) + "px";
  list.firstElementChild.focus();
}

// grow makes a field as high as its text, up to its CSS limit.
export function grow(area) {
  area.style.height = "auto";
  area.style.height = area.scrollHeight + 2 + "px";
}

// sendOnEnter: on a device with a keyboard Enter sends, Shift+Enter breaks the line.
export function sendOnEnter(area) {
  area.addEventListener("input", () => grow(area));
  area.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.defaultPrevented) return;
    if (matchMedia("(pointer: coarse)").matches) return; // a phone
    e.preventDefault();
    area.form.requestSubmit();
  });
}

// remember and recall store small choices if the browser allows it.
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch { /* then it is not kept */ }
}

export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
