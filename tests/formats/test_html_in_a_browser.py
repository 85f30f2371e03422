"""The HTML report as people use it: in a real Chromium, by mouse and keys, at two sizes and in both colour schemes."""

from __future__ import annotations

import io
import os
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from tests.formats.conftest import HOSTILE
from tests.formats.test_html_format import many

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from compliance_scan.model.report import Report
    from tests.formats.conftest import FindingMaker

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWS = ("overview", "findings", "controls", "planes", "drift", "unknown", "suppressed", "run")
SIZES = {"desk": (1280, 800), "phone": (390, 844)}

pytestmark = pytest.mark.skipif(not os.path.exists(CHROMIUM), reason=f"no {CHROMIUM}: install Debian's chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


class Opened:
    """A page with all that it complained about."""

    def __init__(self, browser: Browser, path: Path, **context: Any) -> None:
        self.path = path
        self.context = browser.new_context(**context)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append("dialog"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('policy ' + e.violatedDirective))"
        )

    def at(self, said: str = "") -> Page:
        self.page.goto(f"{self.path.as_uri()}#{said}")
        return self.page

    def state(self) -> dict[str, str]:
        """What the address says."""
        return {name: value for name, (value, *_) in parse_qs(urlsplit(self.page.url).fragment).items()}


class Opener:
    """Writes a report and opens it."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.opened: list[Opened] = []

    def __call__(self, report: Report, *, size: str = "desk", scheme: str = "light", **context: Any) -> Opened:
        path = self.folder / "report.html"
        out = io.StringIO()
        formats.load("html").write(report, out, FormatOptions())
        path.write_text(out.getvalue(), encoding="utf-8")
        width, height = SIZES[size]
        viewport = {"width": width, "height": height}
        made = Opened(self.browser, path, viewport=viewport, color_scheme=scheme, **context)
        self.opened.append(made)
        return made


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(browser, tmp_path)
    yield opener
    for one in opener.opened:
        one.context.close()
        assert one.errors == []
        assert [url for url in one.requests if not url.startswith(("file:", "data:"))] == []


def rows(page: Page) -> Locator:
    """The findings that are listed: asked with `expect`, which waits until the page has drawn what a click asked for."""
    return page.locator("#results > .list > details")


def test_the_first_screen_says_how_bad_where_and_what_first(report: Report, show: Opener) -> None:
    page = show(report).at()
    assert page.locator(".headline h2").inner_text() == f"Incomplete: {report['run']['exit_reason']}"
    assert page.locator(".cards .card").all_inner_texts()[0].split() == ["5", "critical"]
    first = page.locator(".first li").first.inner_text()
    assert "Security groups do not open administration ports" in first
    assert "5 findings" in first
    for heading in ("What first", "Where", "Frameworks"):
        box = page.get_by_role("heading", name=heading).bounding_box()
        assert box
        assert box["y"] < 800


def test_a_card_leads_to_its_findings_and_back(report: Report, show: Opener) -> None:
    opened = show(report)
    page = opened.at()
    page.locator(".card.critical").click()
    assert opened.state() == {"view": "findings", "severity": "critical"}
    expect(rows(page)).to_have_count(5)
    page.go_back()
    expect(page.locator(".headline")).to_be_visible()


def test_filters_work_together_and_stay_in_the_address(
    report: Report, make_finding: FindingMaker, show: Opener
) -> None:
    many(report, make_finding, 200)
    opened = show(report)
    page = opened.at("view=findings")
    expect(page.locator(".tally strong")).to_have_text("200 findings")
    page.get_by_role("button", name="critical").click()
    page.get_by_label("Where").select_option("m5")
    expected = [n for n in range(1, 201) if n % 5 == 0 and n % 7 == 5]
    expect(page.locator(".tally strong")).to_have_text(f"{len(expected)} findings")
    page.get_by_role("searchbox").fill(f"main[{expected[0]}]")
    page.wait_for_url("**q=main*")
    assert opened.state() == {"view": "findings", "severity": "critical", "area": "m5", "q": f"main[{expected[0]}]"}
    expect(rows(page)).to_have_count(1)
    page.reload()
    expect(rows(page)).to_have_count(1)
    assert page.get_by_role("button", name="critical").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("searchbox").input_value() == f"main[{expected[0]}]"
    page.get_by_role("link", name="clear filters").click()
    expect(page.locator(".tally strong")).to_have_text("200 findings")


def test_a_finding_unfolds_with_its_source_and_can_be_sent(report: Report, show: Opener) -> None:
    opened = show(report)
    page = opened.at("view=findings&rule=aws-rds-storage-encrypted")
    page.locator("details.finding > summary").first.click()
    hit = page.locator("details[open] .source .hit").first
    expect(hit).to_contain_text("storage_encrypted = var.encrypted")
    assert hit.inner_text().startswith("14")
    page.wait_for_url("**open=cs1*")
    page.reload()
    expect(page.locator("details.finding[open]").first).to_be_visible()


def test_a_control_leads_down_to_its_findings(report: Report, show: Opener) -> None:
    page = show(report).at("view=controls&framework=soc2-2017")
    page.locator("details.control > summary", has_text="CC6.7").click()
    inside = page.locator("details.control[open] details.finding")
    inside.first.locator("summary").click()
    assert inside.count() > 3
    expect(inside.first.locator(".source").first).to_be_visible()


def test_planes_and_drift(drifted_report: Report, show: Opener) -> None:
    page = show(drifted_report).at("view=planes")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert page.locator("tbody tr").inner_text().split()[-6:] == ["changed", "by", "hand", "in", "the", "account"]
    page.get_by_role("link", name="Drift").click()
    page.locator("details.drift > summary").first.click()
    expect(page.locator("details.drift[open]")).to_contain_text('declared "Enabled", live "Suspended"')


def test_the_trend_of_the_runs_before(drifted_report: Report, show: Opener) -> None:
    page = show(drifted_report).at()
    panel = page.locator("section.panel", has=page.get_by_role("heading", name="Trend"))
    first = panel.locator("svg").first
    expect(first).to_have_attribute("aria-label", "Open findings of 4 runs: 11 at first, 7 now")
    expect(panel.locator("svg rect.critical")).to_have_count(4)
    expect(panel).to_contain_text("4 runs since 2026-11-01; 4 fewer than the run before")
    panel.locator("summary").first.click()
    assert panel.locator("tbody tr").nth(1).inner_text().split() == [
        "2026-11-03",
        "02:00",
        "3",
        "6",
        "0",
        "2",
        "0",
        "3",
        "93",
        "%",
    ]


def test_the_trend_of_each_framework(drifted_report: Report, show: Opener) -> None:
    now = [entry["status"] for entry in drifted_report["controls"] if entry["framework"] == "soc2-2017"]
    del drifted_report["run"]["trend"][1]["frameworks"]["soc2-2017"]
    page = show(drifted_report).at()
    (part,) = page.locator(".by-framework").all()
    chart = part.locator("svg")
    expect(chart).to_have_attribute(
        "aria-label", re.compile(f": 8 failing controls at first, {now.count('fail')} now$")
    )
    edges = [float(bar.get_attribute("x") or "") for bar in chart.locator("rect").all()]
    assert set(edges) == {0.0, 300.0, 450.0}, "a run that did not select the framework leaves a gap"
    part.locator("summary").click()
    rows = [row.inner_text().split() for row in part.locator("tbody tr").all()]
    assert [row[0] for row in rows][1:] == ["2026-11-03", "2026-11-01"]
    assert (rows[2][2], "11" in rows[2]) == ("8", True)


def test_what_changed_since_an_older_report(report: Report, show: Opener) -> None:
    new, gone = report["findings"][:2]
    new["baseline"], gone["baseline"] = "new", "absent"
    report["comparison"] = {
        "old": {"file": "old.json", "started": "2026-11-01T08:00:00Z", "vcs": None},
        "new": 1,
        "worsened": 0,
        "unchanged": 6,
        "fixed": 1,
        "not_looked_at": 0,
        "between": None,
        "by": {new["fingerprint"]: "Eve"},
    }
    page = show(report).at()
    page.get_by_role("link", name="1 fixed").click()
    expect(rows(page)).to_have_count(1)
    expect(page.locator("details.fixed")).to_contain_text(gone["resource"]["address"])
    page.go_back()
    page.get_by_role("link", name="1 new").click()
    page.locator("details.finding > summary").click()
    expect(page.locator("details.finding")).to_contain_text("Eve")


def test_unknowns_have_their_causes_and_suppressions_their_reasons(report: Report, show: Opener) -> None:
    page = show(report).at("view=unknown")
    assert "run terraform init" in page.locator("#results").inner_text()
    causes = {one["unknown_cause"] for one in report["findings"] if one["verdict"] == "unknown"}
    for cause in causes:
        assert page.get_by_role("link", name=str(cause).replace("_", " ")).count() == 1
    page = show(report).at("view=suppressed")
    assert "moves in spring" in page.locator("#results").inner_text()


def test_all_by_keys(report: Report, show: Opener) -> None:
    opened = show(report)
    page = opened.at("view=findings")
    page.keyboard.press("/")
    page.keyboard.type("administration")
    page.wait_for_url("**q=administration*")
    expect(rows(page)).to_have_count(5)
    page.locator("details.row > summary").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("details.row").nth(1)).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("details.row[open]")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_readers_colours_and_the_switch(report: Report, show: Opener, scheme: str) -> None:
    page = show(report, scheme=scheme).at()
    shade = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(shade)
    assert (before == "rgb(15, 19, 23)") == (scheme == "dark")
    page.locator("#theme").click()
    assert page.evaluate(shade) != before


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_of_what_was_scanned_runs(
    hostile_report: Report, drifted_report: Report, show: Opener, view: str
) -> None:
    hostile_report["drift"], hostile_report["planes"] = drifted_report["drift"], drifted_report["planes"]
    for entry in hostile_report["drift"]:
        entry["address"] = "".join(HOSTILE)
    page = show(hostile_report).at(f"view={view}&state=")
    for line in page.locator("details > summary").all()[:16]:
        line.click()
    assert page.locator("img, iframe, object, embed, script:not(#data):not(body > script)").count() == 0
    assert page.locator("main a[href^='javascript'], main a[href*='evil']").count() == 0
    assert "\u202e" not in page.locator("body").inner_text()


def test_the_policy_stops_a_script_that_slipped_through(report: Report, show: Opener) -> None:
    """So that the policy is known to be in force, not only written."""
    opened = show(report)
    slipped = "<script>window.ran = 1</script><img src='data:,x' onerror='window.ran = 2' alt=''></body>"
    opened.path.write_text(opened.path.read_text().replace("</body>", slipped))
    page = opened.at()
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None
    assert {"policy script-src-elem", "policy script-src-attr"} <= set(opened.errors)
    opened.errors.clear()


@pytest.mark.parametrize(
    "said",
    ["constructor", "view=__proto__", "view=findings&page=-3&severity=none&open=%22", "%", "view=findings&page=999"],
)
def test_a_strange_address_is_no_error(report: Report, show: Opener, said: str) -> None:
    assert show(report).at(said).locator("#results").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_accessible_and_fits(drifted_report: Report, show: Opener, size: str, scheme: str) -> None:
    """No fault that axe calls serious or critical; nothing is wider than the screen; no text is cut."""
    opened = show(drifted_report, size=size, scheme=scheme, bypass_csp=True)
    for view in VIEWS:
        page = opened.at(f"view={view}")
        if page.locator("details.row").count():
            page.locator("details.row > summary").first.click()
        found = Axe().run(page).response["violations"]
        assert [
            (one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")
        ] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], view
        wide = "[...document.querySelectorAll('body *')].filter(e => !e.closest('.source, .scroll, .hidden, .skip, svg, select') && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline').map(e => e.outerHTML.slice(0, 120))"
        assert page.evaluate(wide) == [], view


def test_an_empty_report_says_so(empty_report: Report, show: Opener) -> None:
    page = show(empty_report).at()
    assert page.locator(".headline h2").inner_text() == "Clean: no findings"
    assert page.locator("#views a").all_inner_texts()[0] == "Overview"
    assert not page.get_by_role("link", name="Drift").count()


def test_5_000_findings_stay_fluid(report: Report, make_finding: FindingMaker, show: Opener) -> None:
    many(report, make_finding, 5_000)
    opened = show(report)
    began = time.perf_counter()
    page = opened.at("view=findings")
    expect(rows(page)).to_have_count(50)
    assert time.perf_counter() - began < 5
    took = page.evaluate(
        """async () => {
          const times = [];
          for (const said of ['q=instance+77', 'severity=critical', 'sort=rule', 'page=100', 'area=m3']) {
            const began = performance.now();
            location.hash = 'view=findings&' + said;
            await new Promise(done => addEventListener('hashchange', done, {once: true}));
            document.body.getBoundingClientRect();
            times.push(performance.now() - began);
          }
          return times;
        }"""
    )
    assert max(took) < 1000, took
    assert page.locator("body *").count() < 3000


def test_on_paper_the_list_is_whole(report: Report, make_finding: FindingMaker, show: Opener) -> None:
    many(report, make_finding, 120)
    page = show(report).at("view=findings")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(rows(page)).to_have_count(120)
    assert not page.locator(".filters").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(rows(page)).to_have_count(50)
