// Draws what the address says, keeps the reader's place, and listens to keys.

let printing = false;
let drawn = "";
const main = document.getElementById("main");
const search = document.getElementById("search");

function navigation() {
  const list = Object.entries(VIEWS).filter(([, view]) => !view.has || view.has());
  document.getElementById("views").replaceChildren(h("ul", {}, list.map(([name, view]) => h("li", {},
    h("a", { href: to({ view: name }), "aria-current": name === now.view ? "page" : null }, view.word, view.number ? h("span", { class: "number" }, view.number().toLocaleString("en")) : null)))));
}

function choice([name, word, options]) {
  if (options.length < 3 && !(now[name] !== DEFAULTS[name])) return null;
  const select = h("select", { id: `filter-${name}`, on: { change: (event) => change({ [name]: event.target.value }) } }, options.map(([value, text]) => h("option", { value }, text)));
  return h("div", { class: "filter" }, h("label", { for: `filter-${name}` }, word), select);
}

function severityButtons() {
  const toggle = (name) => {
    const chosen = new Set(now.severity ? now.severity.split(",") : []);
    if (!chosen.delete(name)) chosen.add(name);
    change({ severity: SEVERITIES.filter((one) => chosen.has(one)).join(",") });
  };
  return h("div", { class: "filter" }, h("span", { id: "severities" }, "Severity"), h("div", { class: "toggles", role: "group", "aria-labelledby": "severities" },
    SEVERITIES.map((name) => h("button", { type: "button", class: name, "data-severity": name, on: { click: () => toggle(name) } }, name))));
}

function filters(view) {
  if (!view.filters) return null;
  return h("section", { class: "filters", "aria-label": "Filters" }, view.severities && severityButtons(), view.filters().map(choice));
}

// What stands in the address and in no select: a control, or a value that the report does not have.
function sync() {
  const chosen = now.severity ? now.severity.split(",") : [];
  for (const button of main.querySelectorAll("[data-severity]")) button.setAttribute("aria-pressed", String(chosen.includes(button.dataset.severity)));
  for (const select of main.querySelectorAll("select")) select.value = now[select.id.slice(7)];
  if (document.activeElement !== search) search.value = now.q;
}

function tally(view) {
  if (!view.left) return null;
  const narrowed = Object.keys(DEFAULTS).some((name) => !["view", "page", "open", "sort"].includes(name) && now[name] !== DEFAULTS[name]);
  return h("p", { class: "tally" }, h("strong", {}, view.left()), now.control && ` of control ${cut(now.control, 60)}`, now.q && ` with “${cut(now.q, 60)}”`, narrowed && [" · ", link({ view: now.view }, "clear filters")]);
}

function render() {
  now = readHash();
  if (!Object.hasOwn(VIEWS, now.view)) now.view = "overview";
  const view = VIEWS[now.view];
  navigation();
  // A filter that was not offered because it had nothing to choose comes with the first address that uses it.
  const key = [now.view, ...Object.keys(DEFAULTS).filter((name) => now[name] !== DEFAULTS[name] && !main.querySelector(`#filter-${name}`) && !["view", "q", "page", "open", "severity"].includes(name))].join();
  if (drawn !== key) main.replaceChildren(h("h2", { class: "hidden" }, view.word), put(document.createDocumentFragment(), [filters(view)]), h("div", { id: "results" }));
  drawn = key;
  document.getElementById("results").replaceChildren(put(document.createDocumentFragment(), [tally(view), view.shows()]));
  sync();
  if (view.left) document.getElementById("live").textContent = view.left();
}

function themed() {
  const button = document.getElementById("theme");
  const kept = () => { try { return localStorage.getItem("compliance-scan-theme"); } catch { return null; } };
  const dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const tell = () => { button.textContent = dark() ? "Light" : "Dark"; button.setAttribute("aria-label", `Switch to ${dark() ? "light" : "dark"} colours`); };
  if (["dark", "light"].includes(kept())) document.documentElement.dataset.theme = kept();
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("compliance-scan-theme", document.documentElement.dataset.theme); } catch { /* a private window keeps nothing */ }
    tell();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  tell();
}

// `/` searches, arrows walk over the lines, Escape folds or leaves.
function keys(event) {
  const typing = event.target.closest("input, select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Escape" && event.target === search) search.blur();
  else if (event.key === "Escape" && event.target.closest("details.row[open]")) {
    const row = event.target.closest("details.row[open]");
    row.open = false;
    row.firstElementChild.focus();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches("details.row > summary")) {
    const lines = [...main.querySelectorAll("details.row > summary")].filter((line) => line.getClientRects().length);
    const next = lines[lines.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
}

// The finding that was unfolded last stands in the address, so that it can be sent to somebody.
function remember(event) {
  const row = event.target;
  if (!(row instanceof HTMLDetailsElement) || !row.matches("#results > .list > .finding") || !row.dataset.fingerprint) return;
  if (row.open) now.open = row.dataset.fingerprint;
  else if (now.open === row.dataset.fingerprint) now.open = "";
  history.replaceState(null, "", hashOf(now));
}

let waiting = 0;
search.form.addEventListener("submit", (event) => event.preventDefault());
search.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const searchable = VIEWS[now.view].left;
    change(searchable ? { q: search.value } : { view: "findings", q: search.value }, Boolean(searchable));
  }, 120);
});
addEventListener("hashchange", () => {
  const before = now.view;
  render();
  if (now.view !== before) scrollTo(0, 0);
});
addEventListener("keydown", keys);
main.addEventListener("toggle", remember, true);
addEventListener("beforeprint", () => { printing = true; render(); });
addEventListener("afterprint", () => { printing = false; render(); });
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });

put(document.getElementById("about"), [`${data.run.command} of ${cut(data.run.targets.join(", ") || data.run.accounts.join(", "), 80)} · ${data.run.started.slice(0, 16).replace("T", " ")} UTC`]);
put(document.getElementById("foot"), [`${data.tool.name} ${data.tool.version} · ${many(data.summary.files, "file")}, ${many(data.summary.resources, "resource")}, ${many(data.summary.rules, "rule")} · this file loads nothing and sends nothing`]);
themed();
render();
