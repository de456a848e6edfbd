// Files added to a form: chosen, dropped or pasted.

import { $, icon, make, size, toast } from "./dom.js";
import { base64 } from "./net.js";
import { words } from "./words.js";

const most = 10; // files at once: an album
const largest = 50 * 1024 * 1024; // bytes in all: what the stand-ins take

// tray adds files to a form. room is the drop target; photos is whether images can be sent
// as photos.
export function tray(form, room, { photos = false } = {}) {
  const input = $("input[type=file]", form);
  const box = $(".tray", form);
  let files = [];
  let plain = false;

  const show = () => {
    box.hidden = files.length === 0;
    box.replaceChildren(...files.map((f) => chip(f, () => {
      files = files.filter((other) => other !== f);
      show();
      $("textarea", form).focus();
    })));
    if (photos && files.some((f) => kindOf(f) === "photo")) {
      box.append(make("label", { className: "plain-files" }, make("input", {
        type: "checkbox", checked: plain, onchange: (e) => { plain = e.target.checked; },
      }), words.asFiles));
    }
  };
  const add = (list) => {
    for (const f of list) {
      if (f.size === 0) {
        toast(words.noEmpty(f.name));
      } else if (files.length === most) {
        toast(words.tooMany);
      } else if (files.reduce((sum, other) => sum + other.size, f.size) > largest) {
        toast(words.tooBig);
      } else {
        files.push(f);
      }
    }
    show();
    $("textarea", form).focus();
  };

  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  form.addEventListener("paste", (e) => {
    const list = [...(e.clipboardData?.files || [])];
    if (!list.length) return;
    e.preventDefault();
    add(list);
  });
  let depth = 0; // enter and leave come for every child
  const over = (on) => room.classList.toggle("dropping", on);
  const holdsFiles = (e) => e.dataTransfer?.types.includes("Files") && !form.hidden && form.offsetParent;
  room.addEventListener("dragenter", (e) => {
    if (holdsFiles(e)) over(++depth > 0);
  });
  room.addEventListener("dragleave", (e) => {
    if (holdsFiles(e)) over(--depth > 0);
  });
  room.addEventListener("dragover", (e) => {
    if (holdsFiles(e)) e.preventDefault();
  });
  room.addEventListener("drop", (e) => {
    depth = 0;
    over(false);
    if (!holdsFiles(e)) return;
    e.preventDefault();
    add([...e.dataTransfer.files]);
  });

  return {
    get files() { return files; },
    set(list) { files = [...list]; plain = false; show(); },
    clear() { files = []; plain = false; show(); },
    // items are the files in the stand-ins' form, of kinds that can be sent together.
    async items() {
      let kinds = files.map((f) => (plain || !photos ? "document" : kindOf(f)));
      const visual = (k) => k === "photo" || k === "video";
      if (!kinds.every(visual) && new Set(kinds).size > 1) kinds = kinds.map(() => "document");
      return Promise.all(files.map(async (f, i) => ({ kind: kinds[i], name: f.name, mime: f.type, content: await base64(f) })));
    },
  };
}

function kindOf(f) {
  if (/^image\/(png|jpeg|webp)$/.test(f.type) && f.size <= 10 * 1024 * 1024) return "photo";
  if (f.type.startsWith("video/")) return "video";
  if (f.type.startsWith("audio/")) return "audio";
  return "document";
}

function chip(f, remove) {
  let picture = icon("file");
  if (kindOf(f) === "photo") {
    const address = URL.createObjectURL(f);
    picture = make("img", { src: address, alt: "", onload: () => URL.revokeObjectURL(address) });
  }
  const name = words.removeFile(f.name);
  return make("div", { className: "chip" }, picture, make("span", {}, make("b", {}, f.name), make("small", {}, size(f.size))),
    make("button", { type: "button", className: "plain", title: name, "aria-label": name, onclick: remove }, icon("close")));
}
