// The first screen: how bad, where, what first.

const STATUS = ["fail", "unknown", "pass_automated_part", "pass", "manual", "not_applicable", "no_resources"];

function headline() {
  const run = data.run;
  const word = { 0: "Clean", 1: "Failing", 4: "Incomplete" }[run.exit_code] || "Result";
  const kind = { 0: "good", 1: "bad" }[run.exit_code] || "warn";
  return h("section", { class: `headline ${kind}` },
    h("h2", {}, `${word}: ${run.exit_reason}`),
    data.incomplete.length > 0 && h("p", {}, link({ view: "unknown" }, `${many(data.incomplete.length, "thing")} could not be read: see what and why`)));
}

function severityCards() {
  const numbers = data.summary.open_by_severity;
  return h("section", { class: "cards", "aria-label": "Open findings by severity" },
    SEVERITIES.map((name) => h("a", { class: `card ${name}${numbers[name] ? "" : " none"}`, href: to({ view: "findings", severity: name }) },
      h("strong", {}, numbers[name].toLocaleString("en")), h("span", {}, name))));
}

function measures() {
  const sum = data.summary;
  return h("p", { class: "measures" },
    h("span", {}, h("strong", {}, percent(sum.compliance_percent)), " of verdicts pass"),
    h("span", {}, h("strong", {}, percent(sum.evaluated_percent)), " could be decided"),
    h("span", {}, link({ view: "unknown" }, h("strong", {}, sum.unknown.toLocaleString("en")), " unknown")),
    h("span", {}, link({ view: "suppressed" }, h("strong", {}, sum.suppressed.toLocaleString("en")), " suppressed")),
    h("span", {}, h("strong", {}, sum.resources.toLocaleString("en")), " resources, ", h("strong", {}, sum.rules.toLocaleString("en")), " rules"));
}

function first() {
  const groups = new Map();
  for (const finding of opened) {
    const group = groups.get(finding.rule) || { finding, number: 0, fresh: 0, safe: 0, severity: finding.severity };
    group.number += 1;
    group.fresh += finding.fresh ? 1 : 0;
    group.safe += finding.fix && finding.fix.safe ? 1 : 0;
    if (RANK[finding.severity] < RANK[group.severity]) group.severity = finding.severity;
    groups.set(finding.rule, group);
  }
  const ranked = [...groups.values()].sort((a, b) => RANK[a.severity] - RANK[b.severity] || b.fresh - a.fresh || b.number - a.number);
  const notes = (group) => [many(group.number, "finding"), group.fresh && `${group.fresh} new`, group.safe && `${group.safe} with a safe edit`].filter(Boolean).join(", ");
  return h("section", { class: "panel first" }, h("h2", {}, "What first"),
    ranked.length ? h("ol", {}, ranked.slice(0, 7).map((group) => h("li", {}, badge(group.severity),
      h("div", {}, link({ view: "findings", rule: group.finding.rule }, group.finding.about.title || group.finding.rule),
        h("p", { class: "dim" }, notes(group), group.finding.about.fix ? [" · ", cut(group.finding.about.fix.replaceAll(/[`*]/g, ""), 130)] : "")))))
      : h("p", { class: "nothing" }, "Nothing is open."),
    ranked.length > 7 && h("p", {}, link({ view: "findings" }, `All ${many(opened.length, "finding")} of ${many(ranked.length, "rule")}`)));
}

function where() {
  const areas = new Map();
  for (const finding of opened) {
    const area = areas.get(finding.area) || Object.fromEntries(SEVERITIES.map((name) => [name, 0]));
    area[finding.severity] += 1;
    areas.set(finding.area, area);
  }
  const total = (area) => Object.values(area).reduce((a, b) => a + b, 0);
  const weight = (area) => SEVERITIES.reduce((sum, name, rank) => sum + area[name] * 8 ** (4 - rank), 0);
  const ranked = [...areas].sort((a, b) => weight(b[1]) - weight(a[1]));
  return h("section", { class: "panel" }, h("h2", {}, "Where"),
    ranked.length ? h("ul", { class: "bars" }, ranked.slice(0, 6).map(([name, area]) => h("li", {},
      h("div", { class: "label" }, link({ view: "findings", area: name }, name === "." ? "top folder" : cut(name, 80)), h("span", {}, total(area).toLocaleString("en"))),
      bar(SEVERITIES.map((one) => ({ name: one, value: area[one], kind: one })), SEVERITIES.filter((one) => area[one]).map((one) => `${area[one]} ${one}`).join(", ")))))
      : h("p", { class: "nothing" }, "Nothing is open anywhere."));
}

function posture() {
  const frameworks = Object.entries(data.frameworks);
  return h("section", { class: "panel" }, h("h2", {}, "Frameworks"),
    frameworks.length ? h("ul", { class: "bars" }, frameworks.map(([id, framework]) => {
      const numbers = count(data.controls.filter((control) => control.framework === id), (control) => control.status);
      const told = STATUS.filter((status) => numbers.get(status)).map((status) => `${numbers.get(status)} ${says(status)}`).join(", ");
      return h("li", {}, h("div", { class: "label" }, link({ view: "controls", framework: id }, `${framework.title} ${framework.version}`)),
        bar(STATUS.map((status) => ({ name: status, value: numbers.get(status) || 0, kind: status })), told), h("p", { class: "dim" }, told));
    })) : h("p", { class: "nothing" }, "No framework was selected: --framework ID shows how its controls stand."));
}

function since() {
  const found = data.comparison;
  if (!found) return null;
  return h("section", { class: "panel" }, h("h2", {}, "Since the older report"),
    h("p", {}, link({ view: "findings", state: "new" }, `${found.new} new`), `, ${found.worsened} worse, ${found.unchanged} still there, `, link({ view: "findings", state: "fixed" }, `${found.fixed} fixed`),
      found.not_looked_at ? `, ${found.not_looked_at} not looked at` : ""),
    h("p", { class: "dim" }, found.between || found.old.started),
    (found.controls || []).length > 0 && h("ul", {}, found.controls.slice(0, 8).map((one) => h("li", {}, link({ view: "controls", framework: one.framework, control: one.control }, one.control), ` ${says(one.before)} → ${says(one.after)}`))));
}

// The runs that led here, a column a run, the newest (this one) last; the numbers are a table for who cannot see columns.
function runs() {
  const now = { started: data.run.started, open_by_severity: data.summary.open_by_severity, unknown: data.summary.unknown, compliance_percent: data.summary.compliance_percent, frameworks: {} };
  for (const { framework, status } of data.controls) {
    const states = (now.frameworks[framework] ||= {});
    states[status] = (states[status] || 0) + 1;
  }
  return [...data.run.trend, now];
}

// `columns`: for each run its parts, [{name, value}], or null where the run knows nothing of it.
function columns(label, points, parts) {
  const sum = (list) => (list || []).reduce((total, part) => total + part.value, 0);
  const made = points.map(parts);
  const most = Math.max(...made.map(sum), 1);
  const step = 600 / points.length;
  const svg = h("svg:svg", { class: "trend", viewBox: "0 0 600 80", preserveAspectRatio: "none", role: "img", "aria-label": label });
  made.forEach((list, index) => {
    let base = 80;
    for (const part of (list || []).filter((one) => one.value)) {
      const height = (part.value / most) * 78;
      base -= height;
      svg.append(h("svg:rect", { class: part.name, x: index * step, y: base, width: Math.max(step - 2, 1), height },
        h("svg:title", {}, `${points[index].started.slice(0, 10)}: ${part.value} ${says(part.name)}`)));
    }
  });
  return svg;
}

function numbers(heads, rows) {
  return h("details", {}, h("summary", {}, "The numbers"), h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((name) => h("th", {}, says(name))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, place) => h("td", { "data-label": says(heads[place]) }, String(cell))))).reverse()))));
}

const moment = (point) => point.started.slice(0, 16).replace("T", " ");

function trend() {
  if (!data.run.trend || !data.run.trend.length) return null;
  const points = runs();
  const total = (point) => SEVERITIES.reduce((sum, name) => sum + (point.open_by_severity[name] || 0), 0);
  const last = points[points.length - 1];
  const change = total(last) - total(points[points.length - 2]);
  const said = change ? `${Math.abs(change)} ${change > 0 ? "more" : "fewer"} than the run before` : "as many as the run before";
  const heads = ["Run", ...SEVERITIES, "unknown", "pass"];
  const cells = (point) => [moment(point), ...SEVERITIES.map((name) => point.open_by_severity[name] || 0), point.unknown, percent(point.compliance_percent)];
  return h("section", { class: "panel" }, h("h2", {}, "Trend"),
    columns(`Open findings of ${many(points.length, "run")}: ${total(points[0])} at first, ${total(last)} now`, points, (point) => SEVERITIES.map((name) => ({ name, value: point.open_by_severity[name] || 0 }))),
    h("p", { class: "dim" }, `${many(points.length, "run")} since ${points[0].started.slice(0, 10)}; ${said}`),
    numbers(heads, points.map(cells)),
    Object.entries(data.frameworks).map(([id, framework]) => frameworkTrend(id, framework, points)));
}

// How the controls of a framework went; runs that did not select it leave a gap.
function frameworkTrend(id, framework, points) {
  const known = points.filter((point) => (point.frameworks || {})[id]);
  if (known.length < 2) return null;
  const failing = (point) => point.frameworks[id].fail || 0;
  const told = `${many(failing(known[0]), "failing control")} at first, ${failing(known[known.length - 1])} now`;
  const states = STATUS.filter((status) => known.some((point) => point.frameworks[id][status]));
  return h("div", { class: "by-framework" }, h("h3", {}, `${framework.title} ${framework.version}`),
    columns(`${framework.title}: ${told}`, points, (point) => ((point.frameworks || {})[id] ? states.map((name) => ({ name, value: point.frameworks[id][name] || 0 })) : null)),
    h("p", { class: "dim" }, told),
    numbers(["Run", ...states], known.map((point) => [moment(point), ...states.map((name) => point.frameworks[id][name] || 0)])));
}

function gate() {
  const found = data.gate;
  if (!found) return null;
  return h("section", { class: "panel" }, h("h2", {}, "What the plan would do"),
    h("p", {}, `${many(found.newly_failing.length, "new failure")}, ${found.fixed.length} fixed, ${many(found.touched.length, "resource")} touched`),
    h("ul", {}, found.controls.map((one) => h("li", {}, link({ view: "controls", framework: one.framework, control: one.control }, `${one.framework} ${one.control}`), ` ${says(one.before)} → ${says(one.after)}`))),
    found.newly_failing.slice(0, 20).map(findingLine));
}

function overview() {
  return [headline(), severityCards(), measures(), h("div", { class: "grid" }, first(), h("div", {}, since(), where(), posture(), trend())), gate()];
}
