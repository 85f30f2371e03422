// The lists behind the first screen. A view has filters and what they leave.

const all = (items, key) => [["", "all"], ...[...count(items, key)].map(([value, number]) => [value, `${cut(says(value), 60)} (${number})`])];
const frameworksOf = () => [["", "all"], ...Object.entries(data.frameworks).map(([id, one]) => [id, `${one.title} ${one.version}`])];

const FINDING_STATES = [["open", "open"], ["new", "new"], ["unknown", "unknown"], ["suppressed", "suppressed"], ["fixed", "fixed"], ["pass", "pass"], ["not_applicable", "not applicable"], ["", "all"]];

// The same address is asked for several times while it is drawn.
let left = { hash: null, kept: [] };

function findingsLeft() {
  const hash = hashOf({ ...now, page: "1", open: "" });
  if (left.hash !== hash) left = { hash, kept: filtered() };
  return left.kept;
}

function filtered() {
  const severities = now.severity ? now.severity.split(",") : SEVERITIES;
  const kept = data.findings.filter((one) =>
    (!now.state || one.state === now.state || (now.state === "new" && one.fresh)) && severities.includes(one.severity)
    && (!now.rule || one.rule === now.rule) && (!now.area || one.area === now.area) && (!now.plane || one.plane === now.plane)
    && (!now.cause || one.unknown_cause === now.cause) && (!now.framework || now.framework in one.controls)
    && (!now.control || Object.entries(one.controls).some(([id, controls]) => (!now.framework || id === now.framework) && controls.includes(now.control)))
    && (!now.q || matches(words(one), now.q)));
  if (now.sort === "severity") kept.sort(bySeverity);
  else if (now.sort === "rule") kept.sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.number - b.number));
  return kept;
}

function controlDetails(control) {
  const mine = data.findings.filter((one) => (one.controls[control.framework] || []).includes(control.control) && one.state !== "pass" && one.state !== "not_applicable" && one.state !== "fixed").sort(bySeverity);
  const saidOf = (rule) => (data.evidence || NOTHING)[rule] || NOTHING;
  const rules = (control.rules || []).toSorted((a, b) => (saidOf(b).fail || 0) - (saidOf(a).fail || 0) || (saidOf(b).unknown || 0) - (saidOf(a).unknown || 0)).map((rule) => {
    const said = saidOf(rule);
    return h("li", {}, link({ view: "findings", rule, state: "" }, (data.rules[rule] || NOTHING).title || rule), said.planes ? h("span", { class: "dim" }, ` ${said.fail} fail, ${said.unknown} unknown, ${said.pass} pass`) : null);
  });
  return h("div", { class: "details" },
    facts([["Why", control.reason], ["For a person", control.manual], ["Coverage", control.coverage], ["Section", control.section],
      ["Judged", control.resources !== undefined ? `${many(control.resources, "resource")} (${(control.planes || []).join(", ")})` : null],
      ["Exempt", control.exemption && `${control.exemption.reason}${control.exemption.owner ? `, ${control.exemption.owner}` : ""}${control.exemption.until ? `, until ${control.exemption.until}` : ""}`]]),
    mine.length > 0 && h("section", {}, h("h4", {}, many(mine.length, "finding")), h("div", { class: "list" }, mine.slice(0, 20).map(findingLine)),
      mine.length > 20 && h("p", {}, link({ view: "findings", framework: control.framework, control: control.control, state: "" }, `All ${mine.length} findings`))),
    rules.length > 0 && h("section", {}, h("h4", {}, "Rules that decide it"), h("ul", {}, rules)));
}

function controlLine(control) {
  const numbers = [["fail", control.fail], ["unknown", control.unknown], ["suppressed", control.suppressed], ["pass", control.pass]].filter(([, number]) => number);
  const node = unfolding({ class: "row control" }, [
    h("span", { class: "marks" }, badge(control.status)),
    h("span", { class: "what" }, h("strong", {}, control.control), h("span", {}, cut(control.title, 240))),
    h("span", { class: "where dim" }, h("span", {}, numbers.map(([word, number]) => `${number.toLocaleString("en")} ${word}`).join(", ") || `coverage ${says(control.coverage)}`), !now.framework && h("span", {}, (data.frameworks[control.framework] || NOTHING).title || control.framework)),
  ], () => controlDetails(control));
  if (now.control) {
    node.open = true;
    node.fill();
  }
  return node;
}

const STATUS_RANK = Object.fromEntries(STATUS.map((status, rank) => [status, rank]));

function controlsLeft() {
  return data.controls.filter((one) => (!now.framework || one.framework === now.framework) && (!now.control || one.control === now.control)
    && (!now.status || one.status === now.status) && (!now.q || matches(`${one.framework} ${one.control} ${one.title}`.toLowerCase(), now.q)))
    .sort((a, b) => STATUS_RANK[a.status] - STATUS_RANK[b.status] || b.fail - a.fail);
}

const MEANINGS = {
  pass: "holds everywhere", bad_everywhere: "bad everywhere: mend the code and apply", fixed_in_code_not_applied: "mended in the code, not applied",
  broken_in_code_not_applied: "broken in the code, not applied yet", changed_in_console: "changed by hand in the account",
  fixed_in_console: "mended by hand in the account: the next apply breaks it again", resource_only_in_code: "only in the code",
  resource_only_live_bad: "in no code, and bad", resource_only_live: "in no code", cannot_tell: "cannot be told",
};

function planeRows(rows) {
  const cell = (verdict, name) => h("td", { "data-label": name }, verdict ? badge(verdict) : h("span", { class: "dim" }, "–"));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Verdicts by plane" }, h("table", {}, h("thead", {}, h("tr", {}, ["Resource and rule", "Code", "Plan", "State", "Live", "Meaning"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map((row) => h("tr", {},
      h("th", { scope: "row" }, h("code", {}, cut(row.address, 160)), h("span", { class: "dim" }, (data.rules[row.rule] || NOTHING).title || row.rule)),
      ["code", "plan", "state", "live"].map((name) => cell(row[name], name)),
      h("td", { "data-label": "meaning" }, MEANINGS[row.meaning] || says(row.meaning), row.why ? `: ${cut(row.why, 300)}` : ""))))));
}

function planesLeft() {
  return data.planes.filter((one) => (now.meaning ? one.meaning === now.meaning : one.meaning !== "pass") && (!now.q || matches(`${one.rule} ${one.address} ${one.arn || ""}`.toLowerCase(), now.q)));
}

const shownValue = (value) => h("code", {}, value === null ? "nothing" : cut(JSON.stringify(value), 300));

function driftLine(entry) {
  return unfolding({ class: "row drift" }, [
    h("span", { class: "marks" }, badge(entry.kind, entry.rules.length ? "fail" : "unknown")),
    h("span", { class: "what" }, h("strong", {}, cut(entry.address, 200)), h("span", {}, cut(entry.attributes.map((one) => one.path).join(", ") || says(entry.kind), 200))),
    h("span", { class: "where dim" }, entry.rules.length ? `${many(entry.rules.length, "rule")} flip${entry.rules.length === 1 ? "s" : ""}` : "no rule flips", entry.actor ? `, by ${cut(entry.actor, 120)}` : ""),
  ], () => h("div", { class: "details" },
    entry.attributes.map((one) => h("p", {}, h("code", {}, cut(one.path, 300)), ": declared ", shownValue(one.declared), ", live ", shownValue(one.live), " ", spot(one.location))),
    entry.rules.length > 0 && h("ul", {}, entry.rules.map((one) => h("li", {}, link({ view: "findings", rule: one.rule, state: "" }, one.rule), ` ${says(one.declared)} → ${says(one.live)}`))),
    controlLinks(entry.controls),
    facts([["ARN", entry.arn], ["Account, region", [entry.account, entry.region].filter(Boolean).join(" / ")], ["Joined by", entry.joined_by]]),
    ["code", "account"].map((side) => entry.remedy[side] && h("section", {}, h("h4", {}, `To mend in the ${side}`), h("pre", { class: "source", tabindex: "0", "aria-label": `Remedy in the ${side}` }, cut(entry.remedy[side], 4000))))));
}

function driftLeft() {
  return data.drift.filter((one) => (!now.kind || one.kind === now.kind) && (!now.q || matches(JSON.stringify(one).toLowerCase(), now.q)));
}

function unknownView() {
  const causes = count(unknowns, (one) => one.unknown_cause);
  const failed = data.run.operations.filter((one) => one.failures.length);
  const block = (title, items) => items.length > 0 && h("section", { class: "panel" }, h("h2", {}, title), items);
  return [
    block("Could not be read", data.incomplete.slice(0, 500).map((one) => h("div", { class: "entry" }, badge(one.kind, "unknown"), h("div", {}, h("code", {}, cut(one.where, 300)), h("p", {}, cut(one.message, 600)), one.hint && h("p", { class: "dim" }, cut(one.hint, 600)))))),
    data.incomplete.length > 500 && h("p", {}, `and ${data.incomplete.length - 500} more`),
    block("Unknown verdicts by cause", [...causes].map(([cause, number]) => {
      const example = unknowns.find((one) => one.unknown_cause === cause && one.unknown_detail);
      return h("div", { class: "entry" }, h("strong", {}, number.toLocaleString("en")), h("div", {}, link({ view: "findings", state: "unknown", cause }, says(cause)), example && h("p", { class: "dim" }, `for example: ${cut(example.unknown_detail, 200)}`)));
    })),
    block("Calls that were not answered", failed.slice(0, 200).map((one) => h("div", { class: "entry" }, badge(one.failures[0].status, "unknown"), h("div", {}, h("code", {}, one.operation), ` ${one.account} ${one.region}`, h("p", { class: "dim" }, cut(one.failures[0].message, 300)))))),
    block("Types that no rule reads", data.not_covered.map((one) => h("div", { class: "entry" }, h("strong", {}, one.count), h("div", {}, h("code", {}, cut(one.type, 200)), ` ${cut(one.reason, 300)}`)))),
    !data.incomplete.length && !unknowns.length && !failed.length && !data.not_covered.length && h("p", { class: "nothing" }, data.summary.unknown ? `${many(data.summary.unknown, "verdict")} unknown, not written into this report.` : "Everything could be read and decided."),
  ];
}

function suppressedView() {
  const unused = data.run.suppressions_unused;
  return [
    paged(suppressed.toSorted(bySeverity), (one) => h("div", { class: "suppression" }, findingLine(one), h("p", { class: "dim" }, cut(suppressionWords(one.suppression), 500))), "Nothing is suppressed."),
    unused.length > 0 && h("section", { class: "panel" }, h("h2", {}, "Suppressions that met nothing"), unused.map((one) => h("div", { class: "entry" }, badge(one.kind, "unknown"), h("div", {}, h("code", {}, cut(one.where, 200)), ` ${cut(one.rule, 200)}`, h("p", { class: "dim" }, cut(one.reason, 300)))))),
  ];
}

function runView() {
  const run = data.run, vcs = run.vcs || NOTHING;
  return [h("section", { class: "panel" }, h("h2", {}, "This run"), facts([
    ["Command", run.command], ["Targets", run.targets.map((one) => cut(one, 200)).join(", ")], ["Started", run.started], ["Seconds", run.seconds], ["As of", run.as_of], ["Exit", `${run.exit_code}: ${run.exit_reason}`],
    ["Fails on", run.fail_on], ["Reports from", run.severity], ["Accounts", run.accounts.join(", ")], ["Regions", run.regions.join(", ")], ["Disabled regions", run.regions_disabled.join(", ")],
    ["Repository", vcs.repository], ["Revision", vcs.revision && `${vcs.revision} ${vcs.branch ? `(${cut(vcs.branch, 200)})` : ""}`], ["Inventory", run.inventory],
    ["Skipped", Object.entries(run.skipped).map(([why, number]) => `${number} ${cut(why, 100)}`).join(", ")],
    ["Tool", `${data.tool.name} ${data.tool.version}`], ["Rules", data.tool.rules_digest]])),
  run.config.length > 0 && h("section", { class: "panel" }, h("h2", {}, "Settings from files"), run.config.map((one) => h("div", { class: "entry" }, one.weakens ? badge("weakens", "fail") : badge("set", "pass"), h("div", {}, h("code", {}, `${one.key}: ${cut(one.value, 200)}`), h("p", { class: "dim" }, `${cut(one.file, 200)}:${one.line}`)))))];
}

// Name, words in the navigation, number beside it, filters, what is shown, and whether it has anything to show.
const VIEWS = {
  overview: { word: "Overview", shows: overview },
  findings: {
    word: "Findings", number: () => opened.length,
    filters: () => [["state", "State", FINDING_STATES.filter(([id]) => !id || id === "open" || data.findings.some((one) => one.state === id || (id === "new" && one.fresh)))], ["framework", "Framework", frameworksOf()], ["rule", "Rule", all(data.findings, (one) => one.rule)], ["area", "Where", all(data.findings, (one) => one.area)], ["plane", "Plane", all(data.findings, (one) => one.plane)], ["cause", "Unknown because", all(unknowns, (one) => one.unknown_cause)], ["sort", "Order", [["severity", "severity"], ["place", "place"], ["rule", "rule"]]]],
    severities: true,
    shows: () => paged(findingsLeft(), findingLine, "No finding matches these filters."), left: () => many(findingsLeft().length, "finding"),
  },
  controls: {
    word: "Controls", number: () => data.controls.filter((one) => one.status === "fail").length, has: () => data.controls.length,
    filters: () => [["framework", "Framework", frameworksOf()], ["status", "Status", all(data.controls, (one) => one.status)]],
    shows: () => paged(controlsLeft(), controlLine, "No control matches these filters."), left: () => many(controlsLeft().length, "control"),
  },
  planes: {
    word: "Planes", number: () => data.planes.filter((one) => one.meaning !== "pass").length, has: () => data.planes.length,
    filters: () => [["meaning", "Meaning", [["", "not holding everywhere"], ...[...count(data.planes, (one) => one.meaning)].map(([id, number]) => [id, `${MEANINGS[id] || id} (${number})`])]]],
    shows: () => pagedRows(planesLeft()), left: () => many(planesLeft().length, "row"),
  },
  drift: {
    word: "Drift", number: () => data.drift.length, has: () => data.drift.length, filters: () => [["kind", "Kind", all(data.drift, (one) => one.kind)]],
    shows: () => paged(driftLeft(), driftLine, "No drift matches these filters."), left: () => many(driftLeft().length, "resource"),
  },
  unknown: { word: "Unknown", number: () => data.summary.unknown + data.incomplete.length, shows: unknownView },
  suppressed: { word: "Suppressed", number: () => data.summary.suppressed, shows: suppressedView },
  run: { word: "This run", shows: runView },
};

function pagedRows(rows) {
  const [list, pager] = paged(rows, (row) => row, "No row matches these filters.");
  if (!rows.length) return list;
  const size = printing ? PRINTED : PAGE;
  const page = Math.min(Math.max(1, Number.parseInt(now.page, 10) || 1), Math.ceil(rows.length / size));
  return [planeRows(rows.slice((page - 1) * size, page * size)), pager];
}
