// Formatted texts as elements: others' text is never parsed as markup here.

import { make, moment } from "./dom.js";

const tags = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// formatted builds a Telegram text. Entities count UTF-16 units, as JavaScript strings do.
// act holds the handlers of links and commands.
export function formatted(text, entities, act) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const part = (from, to, inside, plain) => {
    const leaf = (piece) => (plain ? [piece] : found(piece, act));
    const nodes = [];
    while (inside.length) {
      const e = inside.shift();
      const end = Math.min(e.offset + e.length, to);
      if (e.offset < from) continue;
      nodes.push(...leaf(text.slice(from, e.offset)));
      const nested = [];
      while (inside.length && inside[0].offset < end) nested.push(inside.shift());
      nodes.push(styled(e, text.slice(e.offset, end), part(e.offset, end, nested, plain || whole.has(e.type)), act));
      from = end;
    }
    nodes.push(...leaf(text.slice(from, to)));
    return nodes;
  };
  return part(0, text.length, sorted);
}

// Entities of these types are pressed as a whole or not at all.
const whole = new Set(["code", "pre", "url", "text_link", "bot_command"]);

// found makes commands and addresses in a text clickable, as Telegram does without
// entities.
function found(text, act) {
  return text.split(/(?<=^|[\s(«])(\/[a-z_]{2,32}(?![\w/])|https?:\/\/[^\s<>«»]*[\p{L}\d/=_-])/u)
    .map((piece, i) => (i % 2 === 0 ? piece : piece[0] === "/" ? command(piece, act) : link(piece, [piece], act)));
}

function command(name, act) {
  return make("button", { type: "button", className: "command", onclick: () => act.command(name) }, name);
}

function styled(entity, plain, children, act) {
  switch (entity.type) {
    case "spoiler": {
      const show = () => e.classList.add("shown");
      const e = make("span", { className: "spoiler", tabIndex: 0, role: "button", onclick: show, onkeydown: (k) => k.key === "Enter" && show() }, children);
      return e;
    }
    case "bot_command":
      return command(plain, act);
    case "text_link":
    case "url": {
      const to = entity.url || (/^https?:/i.test(plain) ? plain : "https://" + plain);
      return link(to, children, act);
    }
    case "date_time": // in the reader's own zone, whatever was written
      return make("span", {}, entity.date_time_format ? moment(entity.unix_time * 1000, entity.date_time_format) : children);
    case "mention":
    case "text_mention":
    case "hashtag":
      return make("span", { className: "mention" }, children);
    case "expandable_blockquote": {
      const open = () => e.classList.toggle("open");
      const e = make("blockquote", {
        className: "expandable", tabIndex: 0, role: "button", onclick: open,
        onkeydown: (k) => { if (k.key === "Enter") { k.stopPropagation(); open(); } },
      }, children);
      return e;
    }
  }
  return make(tags[entity.type] || "span", {}, children);
}

// link links web addresses; anything else stays text.
export function link(to, children, act) {
  if (!/^https?:\/\//i.test(to)) return make("span", {}, children);
  return make("a", {
    href: to, target: "_blank", rel: "noreferrer noopener",
    onclick: (e) => { if (act?.link(to)) e.preventDefault(); },
  }, children);
}

// The tags allowed in the support's texts, and what they become.
const allowed = {
  b: "b", strong: "b", i: "i", em: "i", u: "u", s: "s", del: "s", code: "code", pre: "pre", p: "p", div: "div",
  br: "br", ul: "ul", ol: "ol", li: "li", blockquote: "blockquote", h1: "b", h2: "b", h3: "b",
};
const dropped = /<(script|style|title|textarea)\b[^>]*>[\s\S]*?(<\/\1\s*>|$)|<!--[\s\S]*?(-->|$)/gi;
const tag = /(<\/?[a-z](?:[^>"']|"[^"]*"|'[^']*')*>)/i;

// markup shows the support's HTML: parsed piece by piece and rebuilt from the tags above
// without their attributes. Other tags are dropped and their content is kept.
export function markup(text) {
  if (!tag.test(text)) return [text];
  const root = make("div");
  const open = [root];
  const put = (name, e) => {
    open[0].append(e);
    e.of = name;
    open.unshift(e);
  };
  for (const piece of text.replace(dropped, "").split(tag)) {
    const [, end, found] = /^<(\/?)([a-z][a-z0-9]*)/i.exec(piece) || [];
    const name = found?.toLowerCase();
    if (!name || !tag.test(piece)) open[0].append(characters(piece));
    else if (end) {
      const at = open.findIndex((e) => e.of === name);
      if (at >= 0) open.splice(0, at + 1);
    } else if (allowed[name] === "br") open[0].append(make("br"));
    else if (allowed[name]) put(name, make(allowed[name]));
    else if (name === "a") {
      const [, quoted, single, bare] = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(piece) || [];
      put(name, link(characters(quoted ?? single ?? bare ?? ""), []));
    }
  }
  return [...root.childNodes];
}

// characters decodes references such as &amp; in a text without tags.
function characters(text) {
  const page = new DOMParser().parseFromString("." + text.replaceAll("<", "&lt;"), "text/html"); // the dot keeps a space behind it
  return page.documentElement.textContent.slice(1);
}
