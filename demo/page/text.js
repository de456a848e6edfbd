// Formatted texts as elements: what others wrote is never read as markup here.

import { make } from "./dom.js";

const tags = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// formatted is a text of Telegram's. Entities count UTF-16 units, as strings
// here do. act holds what is done about links and commands.
export function formatted(text, entities, act) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const part = (from, to, inside) => {
    const nodes = [];
    while (inside.length) {
      const e = inside.shift();
      const end = Math.min(e.offset + e.length, to);
      if (e.offset < from) continue;
      nodes.push(...leaf(text.slice(from, e.offset), act));
      const nested = [];
      while (inside.length && inside[0].offset < end) nested.push(inside.shift());
      nodes.push(styled(e, text.slice(e.offset, end), part(e.offset, end, nested), act));
      from = end;
    }
    nodes.push(...leaf(text.slice(from, to), act));
    return nodes;
  };
  return part(0, text.length, sorted);
}

// leaf makes the commands in a text pressable, as Telegram does without entities.
function leaf(text, act) {
  return text.split(/(?<=^|\s)(\/[a-z_]{2,32})(?![\w/])/).map((piece, i) => (i % 2 ? command(piece, act) : piece));
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

// link opens what has an address of the web; anything else is a text.
export function link(to, children, act) {
  if (!/^https?:\/\//i.test(to)) return make("span", {}, children);
  return make("a", {
    href: to, target: "_blank", rel: "noreferrer noopener",
    onclick: (e) => { if (act?.link(to)) e.preventDefault(); },
  }, children);
}

// Tags that the support's texts may hold, and what they become.
const allowed = {
  B: "b", STRONG: "b", I: "i", EM: "i", U: "u", S: "s", DEL: "s", CODE: "code", PRE: "pre", P: "p", DIV: "div",
  BR: "br", UL: "ul", OL: "ol", LI: "li", BLOCKQUOTE: "blockquote", H1: "b", H2: "b", H3: "b", SPAN: "span",
};
const dropped = new Set(["SCRIPT", "STYLE", "TEMPLATE", "IFRAME", "OBJECT", "NOSCRIPT", "TEXTAREA", "TITLE"]);

// markup shows the support's HTML: parsed into a document where nothing runs or
// loads, and built anew from the tags above, without their attributes.
export function markup(text) {
  if (!/<\/?[a-z][^>]*>/i.test(text)) return [text];
  const build = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.data];
    if (node.nodeType !== Node.ELEMENT_NODE || dropped.has(node.tagName)) return [];
    const children = [...node.childNodes].flatMap(build);
    if (node.tagName === "A") return [link(node.getAttribute("href") || "", children)];
    const tag = allowed[node.tagName];
    return tag ? [make(tag, {}, children)] : children;
  };
  return [...new DOMParser().parseFromString(text, "text/html").body.childNodes].flatMap(build);
}
