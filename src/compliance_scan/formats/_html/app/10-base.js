// Elements are made one by one and text is only ever text: there is no innerHTML anywhere, and the policy forbids it.

const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const PAGE = 50;
const PRINTED = 1000;

const data = JSON.parse(document.getElementById("data").textContent);

// Characters that hide, turn the reading direction or are broken are shown as escapes.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;
const visible = (text) => text.replace(UNSEEN, (one) => "\\u" + one.codePointAt(0).toString(16).padStart(4, "0"));

function h(tag, attributes, ...children) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else node.setAttribute(name, value === true ? "" : visible(String(value)));
  }
  return put(node, children);
}

function put(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : visible(String(child)));
  }
  return node;
}

const cut = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
const many = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
const says = (word) => word.replaceAll("_", " ");
const percent = (value) => (value === null || value === undefined ? "–" : `${Math.floor(value * 10) / 10} %`);
const count = (items, key) => {
  const numbers = new Map();
  for (const item of items) {
    const value = key(item);
    if (value) numbers.set(value, (numbers.get(value) || 0) + 1);
  }
  return new Map([...numbers].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
};

// Only addresses that we would write ourselves become links out of the page.
function outward(url, text) {
  return /^https:\/\/[\w.-]+(\/|$)/.test(url || "")
    ? h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, text)
    : null;
}

// The little Markdown that rules use: code spans, bold, paragraphs.
function prose(text) {
  return text.split(/\n{2,}/).map((paragraph) =>
    h("p", {}, paragraph.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
      if (/^`[^`]+`$/.test(part)) return h("code", {}, part.slice(1, -1));
      if (/^\*\*[^*]+\*\*$/.test(part)) return h("strong", {}, part.slice(2, -2));
      return part;
    })));
}

const badge = (word, kind) => h("span", { class: `badge ${kind || word}` }, says(word));

// A bar of parts: [{name, value, kind}]; the numbers stand in words beside it.
function bar(parts, label) {
  const total = parts.reduce((sum, part) => sum + part.value, 0) || 1;
  const svg = h("svg:svg", { class: "bar", role: "img", "aria-label": label, viewBox: "0 0 1000 10", preserveAspectRatio: "none" });
  let at = 0;
  for (const part of parts.filter((one) => one.value)) {
    const width = (part.value / total) * 1000;
    svg.append(h("svg:rect", { class: part.kind, x: at, y: 0, width: Math.max(width - 2, 2), height: 10 },
      h("svg:title", {}, `${part.value} ${says(part.name)}`)));
    at += width;
  }
  return svg;
}

const facts = (pairs) => h("dl", { class: "facts" }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
  .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
