// What is shown is what the address says after `#`: a view can be bookmarked, sent and gone back from.

const DEFAULTS = {
  view: "overview", q: "", state: "open", severity: "", framework: "", control: "", rule: "", area: "", plane: "", cause: "",
  status: "", meaning: "", kind: "", sort: "severity", page: "1", open: "",
};

function readHash() {
  const state = { ...DEFAULTS };
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) if (name in DEFAULTS) state[name] = value;
  return state;
}

function hashOf(state) {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value !== DEFAULTS[name] && name in DEFAULTS) said.set(name, value);
  return "#" + said;
}

let now = readHash();

const to = (changes) => hashOf({ ...DEFAULTS, ...changes });
const link = (changes, ...children) => h("a", { href: to(changes) }, children);

// A filter keeps the rest and goes back to the first page; typing makes no history.
function change(changes, quietly) {
  const hash = hashOf({ ...now, page: "1", open: "", ...changes });
  if (quietly) {
    history.replaceState(null, "", hash);
    render();
  } else location.hash = hash;
}
