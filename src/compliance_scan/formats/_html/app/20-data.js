// What the report says, made ready for filters: each finding knows its state, its place and its words.

const RANK = Object.fromEntries(SEVERITIES.map((name, rank) => [name, rank]));
const NOTHING = {};

function stateOf(finding) {
  if (finding.verdict !== "fail") return finding.verdict;
  if (finding.baseline === "absent") return "fixed";
  return finding.suppression && finding.suppression.status !== "expired" ? "suppressed" : "open";
}

function ready(finding, number) {
  finding.number = number;
  finding.about = data.rules[finding.rule] || NOTHING;
  finding.state = stateOf(finding);
  finding.fresh = finding.state === "open" && (finding.baseline === "new" || finding.baseline === "worsened");
  finding.controls = finding.controls === undefined ? NOTHING : data.pools.controls[finding.controls];
  const file = finding.location ? finding.location.file : "";
  finding.spot = finding.location ? `${file}:${finding.location.line}` : "";
  finding.area = finding.plane === "live"
    ? [finding.account, finding.region].filter(Boolean).join(" / ") || "live account"
    : file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : ".";
  finding.address = finding.address || "";
  return finding;
}

data.findings.forEach(ready);
if (data.gate) [...data.gate.newly_failing, ...data.gate.fixed].forEach(ready);
for (const control of data.controls) control.name = `${control.framework} ${control.control}`;

const opened = data.findings.filter((finding) => finding.state === "open");
const unknowns = data.findings.filter((finding) => finding.state === "unknown");
const suppressed = data.findings.filter((finding) => finding.state === "suppressed");
const bySeverity = (a, b) => RANK[a.severity] - RANK[b.severity] || a.number - b.number;

function words(finding) {
  finding.words ||= [finding.message, finding.rule, finding.about.code, finding.about.title, finding.address, finding.arn,
    finding.spot, finding.type, finding.unknown_cause, finding.unknown_detail, finding.fingerprint,
    ...Object.entries(finding.controls).map(([framework, controls]) => `${framework} ${controls.join(" ")}`)]
    .filter(Boolean).join("\n").toLowerCase();
  return finding.words;
}

const matches = (text, query) => query.toLowerCase().split(/\s+/).filter(Boolean).every((word) => text.includes(word));
