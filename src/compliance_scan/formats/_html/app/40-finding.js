// One finding: a line in a list, and all that is known of it when unfolded.

function excerpt(context, place) {
  if (!context) return null;
  const lines = context.text.split("\n");
  return h("pre", { class: "source", tabindex: "0", "aria-label": `Source, ${place.file}` }, lines.map((line, index) => {
    const number = context.line + index;
    const hit = number >= place.line && number <= Math.max(place.line, place.end_line);
    return h("span", { class: hit ? "line hit" : "line" }, h("span", { class: "number", "aria-hidden": "true" }, number), cut(line, 400), "\n");
  }));
}

const spot = (place) => (place ? h("code", { class: "spot" }, `${cut(place.file, 200)}:${place.line}`) : null);

function controlLinks(controls) {
  return Object.entries(controls).map(([framework, ids]) => h("div", { class: "tags" },
    h("span", { class: "dim" }, (data.frameworks[framework] || NOTHING).title || framework),
    ids.map((id) => link({ view: "controls", framework, control: id, status: "" }, id))));
}

function suppressionWords(found) {
  const until = found.until ? `, until ${found.until}` : "";
  return `${says(found.status)} (${found.kind}): ${found.reason || "no reason given"}${found.owner ? `, ${found.owner}` : ""}${until}${found.where ? ` at ${found.where}` : ""}`;
}

function mending(finding) {
  const fix = finding.fix;
  return [
    finding.about.fix && h("section", {}, h("h4", {}, "What to do"), prose(finding.about.fix)),
    fix && h("section", {}, h("h4", {}, fix.safe ? "Safe edit (proven by judging again)" : "Possible edit"), h("p", {}, cut(fix.description, 1000)),
      fix.edits.map((edit) => h("pre", { class: "source", tabindex: "0", "aria-label": `Edit of ${edit.file}` }, `${edit.file}:${edit.line}\n${cut(edit.text, 2000)}`))),
  ];
}

function details(finding) {
  const rule = finding.about;
  return h("div", { class: "details" },
    h("p", { class: "message" }, finding.message),
    excerpt(finding.context === undefined ? null : data.pools.contexts[finding.context], finding.location),
    (finding.related || []).map((entry) => h("div", {}, h("p", { class: "dim" }, cut(entry.message, 300), " ", spot(entry.location), " ", entry.address && cut(entry.address, 200)),
      entry.location && typeof entry.context === "number" ? excerpt(data.pools.contexts[entry.context], entry.location) : null)),
    h("div", { class: "columns" },
      h("div", {}, mending(finding), rule.why && h("section", {}, h("h4", {}, "Why it matters"), prose(rule.why))),
      h("div", {},
        facts([
          ["Resource", h("code", {}, cut(finding.address, 400))],
          ["ARN", finding.arn && finding.arn !== finding.address ? h("code", {}, finding.arn) : null],
          ["Type", finding.type], ["Plane", finding.plane], ["Root", finding.root],
          ["Account, region", [finding.account, finding.region].filter(Boolean).join(" / ")],
          ["Attribute", finding.path && h("code", {}, cut(finding.path, 300))],
          ["Expected", finding.expected !== undefined ? h("code", {}, finding.expected) : null],
          ["Found", finding.actual !== undefined ? h("code", {}, finding.actual) : null],
          ["Unknown because", finding.unknown_cause && [says(finding.unknown_cause), finding.unknown_detail ? `: ${cut(finding.unknown_detail, 600)}` : ""]],
          ["Suppressed", finding.suppression && suppressionWords(finding.suppression)],
          ["Since before", finding.baseline], ["By", data.comparison && data.comparison.by[finding.fingerprint]],
          ["Rule", [link({ view: "findings", rule: finding.rule }, finding.rule), " ", outward(rule.help_uri, "documentation")]],
          ["Controls", Object.keys(finding.controls).length ? controlLinks(finding.controls) : null],
          ["Explain", h("code", {}, `compliance-scan explain ${finding.fingerprint || finding.rule}`)],
        ]))));
}

// Unfolded, it is filled; a list of thousands costs only its lines.
function unfolding(attributes, summary, fill) {
  const filled = () => { if (node.open && node.children.length === 1) node.append(fill()); };
  const node = h("details", { ...attributes, on: { toggle: filled } }, h("summary", {}, summary));
  node.fill = filled;
  return node;
}

function findingLine(finding) {
  const mark = finding.state === "open" || finding.state === "suppressed" ? badge(finding.severity) : badge(finding.state);
  const node = unfolding({ class: `row finding ${finding.state}`, "data-fingerprint": finding.fingerprint }, [
    h("span", { class: "marks" }, mark, finding.fresh && badge(finding.baseline, "fresh"), finding.state === "suppressed" && badge("suppressed")),
    h("span", { class: "what" }, h("strong", {}, finding.about.title || finding.rule), h("span", {}, cut(finding.message || says(finding.verdict), 220))),
    h("span", { class: "where" }, h("code", {}, cut(finding.address, 120)), h("span", { class: "dim" }, finding.spot ? cut(finding.spot, 120) : finding.area)),
  ], () => details(finding));
  if (finding.fingerprint && finding.fingerprint === now.open) {
    node.open = true;
    node.fill();
  }
  return node;
}

// A page of a long list, with the way to the others.
function paged(items, line, nothing) {
  const size = printing ? PRINTED : PAGE;
  const pages = Math.max(1, Math.ceil(items.length / size));
  const page = Math.min(Math.max(1, Number.parseInt(now.page, 10) || 1), pages);
  if (!items.length) return [h("p", { class: "nothing" }, nothing)];
  const step = (number, word) => h("a", { href: hashOf({ ...now, page: String(number), open: "" }), "aria-disabled": number < 1 || number > pages ? "true" : null, class: number < 1 || number > pages ? "off" : null, tabindex: number < 1 || number > pages ? "-1" : null }, word);
  return [
    h("div", { class: "list" }, items.slice((page - 1) * size, page * size).map(line)),
    pages > 1 && h("nav", { class: "pager", "aria-label": "Pages" }, page > 1 && step(page - 1, "← Previous"), h("span", {}, `Page ${page} of ${pages}`), page < pages && step(page + 1, "Next →")),
  ];
}
