"""`abm-trace health`: the decision and its exit code, the history in each form, the webhook, the page in a browser."""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from jsonschema import Draft202012Validator
from playwright.sync_api import sync_playwright
from tests.cli.conftest import Run, new_log, records
from tests.gates import rollout
from tests.lab.serve.sinks import Posts, receiving

SECRET = "whsec_" + "QUJD" * 11
AT = ("--as-of", rollout.NOW)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound rollout."""
    return rollout.write(tmp_path / "clinic-rollout")


@pytest.fixture
def kept(run: Run, tmp_path: Path) -> Path:
    """A history of twelve scores of all three kinds."""
    store = tmp_path / "health.ndjson"
    changes: list[dict[str, Any]] = [
        {}, {"clock": 0.3}, {"took_ms": (300, 900)}, {"took_ms": None}, {"clock": 1.5}, {"stapled": False},
        {"clock": 6}, {"stapled": None}, {"took_ms": (200, 1500), "clock": 3}, {"clock": 0.2}, {"took_ms": (100, 130)},
        {},
    ]  # fmt: skip
    for number, change in enumerate(changes):
        hour = f"2026-05-{17 + number // 6}T{12 + number % 6:02}"
        case = rollout.write(tmp_path / "kept", measured=f"{hour}:00:00Z", **change)
        run("health", case, "--as-of", f"{hour}:30:00Z", "--store", store, "--name", "May rollout")
    return store


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({}, 0, "✓ go: the sum, 100.0, reaches 85 and no part is at 0"),
        ({"expires": "2026-06-01T12:00:00Z"}, 0, "go: the sum, 85.0"),
        ({"expires": "2026-06-01T11:00:00Z"}, 1, "✗ roll back: the sum, 84.9, is below 85; no part is at 0"),
        ({"clock": 6}, 1, "roll back: clock is at 0, which is a veto whatever the sum; the sum did not decide (85.0)"),
        ({"stapled": False}, 1, "staple is at 0, which is a veto whatever the sum, and the sum, 80.0, is below 85"),
        ({"took_ms": None}, 3, "? not known: latency was not measured; the sum is at most 100.0, and 85 is needed"),
        ({"took_ms": None, "clock": 6}, 1, "roll back: clock is at 0, which is a veto whatever the sum"),
    ],
)
def test_the_decision_what_decided_it_and_the_exit_code(
    changes: dict[str, Any], code: int, said: str, run: Run, tmp_path: Path
) -> None:
    """If this failed, a script would go on where it must not, or nobody would know what stopped it."""
    done = run("health", rollout.write(tmp_path / "x", **changes), *AT, "--no-store", COLUMNS="200")
    assert done.returncode == code, done.stdout
    assert said in done.stdout
    assert not list(tmp_path.rglob("*.ndjson.part"))


def test_each_part_says_where_it_stands_and_what_to_do(run: Run, tmp_path: Path) -> None:
    """If this failed, a number would stand there without its proof."""
    case = rollout.write(tmp_path / "x", clock=5.79, took_ms=None)
    page = run("health", case, *AT, "--no-store", COLUMNS="160").stdout
    assert "-0.0" not in page
    assert "proof     clock/samples.csv:2" in page
    assert "abm-clock-guard --once" in page
    assert "abm-trace check tls HOST" in page
    assert "(origin: ours)" in page
    assert "(origin: guide)" in page


def test_nothing_of_a_case_is_obeyed_by_the_terminal_or_the_page(run: Run, tmp_path: Path) -> None:
    """If this failed, a token's name could clear the screen, or run in the page."""
    name = "tok\x1b[2J<script>alert(1)</script>"
    case = rollout.write(tmp_path / "x")
    (case / "manifest.csv").unlink()
    (case / "tokens/tok_used.json").write_text(json.dumps({"id": name, "tokenExpiry": "2026-05-18T00:00:00Z"}))
    for form in ("text", "html"):
        shown = run("health", case, *AT, "--format", form, "--no-store", "--name", name).stdout
        assert "\x1b" not in shown
        assert "<script" not in shown or form == "text"


def test_json_and_csv_say_the_same(folder: Path, run: Run) -> None:
    """If this failed, a program would read another score than a person."""
    document = json.loads(run("health", folder, *AT, "--no-store", "--format", "json").stdout)
    schema = json.loads((Path(__file__).parents[3] / "docs/schema/health-1.json").read_bytes())
    Draft202012Validator(schema).validate(document)
    assert (document["decision"], document["score"], document["rollout"]) == ("go", 100.0, "clinic-rollout")
    rows = list(csv.DictReader(io.StringIO(run("health", folder, *AT, "--no-store", "--format", "csv").stdout)))
    assert [(row["name"], float(row["points"])) for row in rows] == [
        (each["name"], each["points"]) for each in document["components"]
    ]


def test_the_history_is_kept_and_shown(kept: Path, run: Run) -> None:
    """If this failed, a score that sinks would be seen when it is below 85, and not before."""
    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [line["decision"][0] for line in lines] == list("gggngrrnrggg")
    page = run("health", "--history", "--store", kept, COLUMNS="120").stdout
    assert "12 scores kept; the last: May rollout, go" in page
    rows = [line for line in page.splitlines() if line.startswith("  2026")]
    assert len(rows) == 12
    assert all("|" in row for row in rows)
    assert "✗ roll back (veto: clock)" in rows[6]
    assert "? not known" in rows[3]
    # What is below the line ends before it, what is not crosses it.
    for line, row in zip(lines, rows, strict=True):
        crosses = "█" in row.split("|")[-1]
        assert crosses == ((line["score"] or 0) >= 85), row
    document = json.loads(run("health", "--history", "--store", kept, "--format", "json").stdout)
    schema = json.loads((Path(__file__).parents[3] / "docs/schema/healthhistory-1.json").read_bytes())
    Draft202012Validator(schema).validate(document)
    assert [each["score"] for each in document["scores"]] == [line["score"] for line in lines]
    table = list(csv.DictReader(io.StringIO(run("health", "--history", "--store", kept, "--format", "csv").stdout)))
    assert [row["clock"] for row in table][6] == "0.0"
    assert table[3]["latency"] == ""


def test_in_ascii_and_without_colours_each_decision_still_has_its_word(kept: Path) -> None:
    """If this failed, a decision would hang on a colour or on a letter that the terminal has not."""
    from abm_trace.cli import _appended
    from abm_trace.cli.health import _page, _wire
    from abm_trace.exports import Screen

    scores, _ = _appended.read(kept, _wire.HealthDocument, _wire.flaw)
    shown = Screen(90, unicode=False).finish(_page.history(scores, Screen(90, unicode=False))).decode("ascii")
    assert "\\u" not in shown
    for word in ("+ go", "x roll back", "? not known", "|", "####"):
        assert word in shown


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_plot_fits_the_screen(width: int, kept: Path, run: Run) -> None:
    """If this failed, each row would be torn in two where the terminal is narrow."""
    page = run("health", "--history", "--store", kept, COLUMNS=str(width)).stdout
    assert max(map(len, page.splitlines())) <= width
    assert page.count("|") == (13 if width >= 60 else 0)
    assert page.count("✗ roll back") == 3


def test_a_time_without_a_score_is_told(kept: Path, run: Run) -> None:
    """If this failed, a line would lead over weeks in which nobody looked, as if all had been well."""
    scores = [json.loads(line) for line in kept.read_text().splitlines()]
    later = [each | {"at": each["at"].replace("2026-05", "2026-08")} for each in scores]
    assert "no score for" not in run("health", "--history", "--store", kept).stdout
    kept.write_text("".join(json.dumps(each) + "\n" for each in scores + later))
    page = run("health", "--history", "--store", kept, COLUMNS="120").stdout
    assert page.count("no score for 91 days") == 1
    assert page.index("2026-05-18 17:30") < page.index("no score") < page.index("2026-08-17 12:30")
    page = run("health", "--history", "--store", kept, "--format", "html").stdout
    assert page.count("no score for 91 days</text>") == 1
    runs = [len(each.split('"')[0].split()) for each in page.split('<polyline class="run" points="')[1:]]
    assert runs == [3, 3, 4, 3, 3, 4], "a score that is not known breaks the line, and so does the gap"


def test_a_history_that_is_not_there_or_damaged(kept: Path, run: Run, tmp_path: Path) -> None:
    """If this failed, an empty page would look like a good history, or one bad line would hide all others."""
    done = run("health", "--history", "--store", tmp_path / "none")
    assert done.returncode == 3
    assert "abm-trace health CASE" in done.stderr
    assert run("health", "--history", "--store", kept, "--name", "June").returncode == 3
    first = json.loads(kept.read_text().splitlines()[0])
    bad = [first | {"at": "never"}, first | {"at_most": 900}, first | {"score": None}, {}]
    kept.write_text("".join(json.dumps(each) + "\n" for each in [*bad, first]))
    done = run("health", "--history", "--store", kept)
    assert "1 score kept" in done.stdout
    assert done.stderr.count("not used") == 4


def test_a_roll_back_is_told_and_signed_and_nothing_else_is(run: Run, tmp_path: Path) -> None:
    """If this failed, nobody would be told, or a receiver that rolls back would do so for what was not measured."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    with receiving(server := Posts()) as port:
        words = ("--webhook", f"http://127.0.0.1:{port}/s3cret", "--allow-loopback", "--no-store", *AT)
        for change, code in (({}, 0), ({"took_ms": None}, 3), ({"clock": 6}, 1)):
            case = rollout.write(tmp_path / "x", **change)
            done = run("health", case, *words, "--webhook-secret", tmp_path / "secret")
            assert done.returncode == code
            assert "s3cret" not in done.stdout + done.stderr
            assert SECRET not in done.stdout + done.stderr
        ((path, headers, body),) = server.taken
        assert path == "/s3cret"
        assert headers["webhook-signature"].startswith("v1,")
        document = json.loads(body)
        assert (document["decision"], document["decided_by"], document["vetoes"]) == ("roll_back", "veto", ["clock"])
        server.asked = 4
        done = run("health", tmp_path / "x", *words, ABM_TRACE_WEBHOOK_SECRET=SECRET)
        assert done.returncode == 1
        assert "the webhook was not delivered" in done.stderr


def test_a_roll_back_is_told_also_where_no_history_can_be_kept(run: Run, tmp_path: Path) -> None:
    """If this failed, a full disk on the staging host would keep the alarm from everybody."""
    case = rollout.write(tmp_path / "x", clock=6)
    with receiving(server := Posts()) as port:
        words = ("--webhook", f"http://127.0.0.1:{port}/", "--allow-loopback", *AT, "--store", "/proc/none/kept")
        done = run("health", case, *words, ABM_TRACE_WEBHOOK_SECRET=SECRET)
    assert len(server.taken) == 1
    assert "✗ roll back: clock is at 0" in done.stdout
    assert "/proc/none/kept: cannot be written" in done.stderr
    assert (done.returncode, "kept in" in done.stderr) == (2, False)


def test_a_decision_of_the_past_says_so(folder: Path, run: Run) -> None:
    """If this failed, a script without --as-of would go on by last month's probes, and nobody would see it."""
    done = run("health", folder, "--no-store")
    assert "as of 2026-05-17 11:00:00 UTC" in done.stdout
    said = " ".join(done.stderr.split())
    assert "judged as of 2026-05-17 11:00:00 UTC, where the case ends, " in said
    assert '--as-of "$(date -u +%FT%TZ)"' in said
    done = run("health", folder, "--no-store", *AT)
    assert "as of 2026-05-17 12:00:00 UTC" in done.stdout
    assert "judged as of" not in done.stderr


def test_the_score_is_on_record(run: Run, folder: Path, tmp_path: Path) -> None:
    """If this failed, who went on below 85, or rolled back above it, could not be told later."""
    store = new_log(run, tmp_path / "ev")
    words = ("health", folder, *AT, "--store", tmp_path / "kept.ndjson")
    done = run(*words, "--evidence", store, "--format", "json")
    assert done.returncode == 0
    assert records(run, store, "check") == [json.loads(done.stdout)]
    run("health", "--history", "--store", tmp_path / "kept.ndjson", "--evidence", store)
    assert len(records(run, store, "check")) == 1, "to look at the past is no check"
    done = run(*words, "--evidence", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert len((tmp_path / "kept.ndjson").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no case was named"),
        (("--history", "x"), "--history measures nothing"),
        (("x", "--webhook", "https://hooks.example.org/"), "no secret was given"),
        (("x", "--webhook", "http://hooks.example.org/"), "starts with https://"),
        (("x", "--webhook", "https://hooks.example.org/", "--webhook-secret", "none"), "No such file"),
    ],
)
def test_bad_usage_is_said_before_anything_is_done(words: tuple[str, ...], said: str, run: Run, tmp_path: Path) -> None:
    """If this failed, an hour of tracing would end in a slip of the finger."""
    rollout.write(tmp_path / "x")
    done = run("health", *words, ABM_TRACE_HEALTH=str(tmp_path / "kept"))
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "kept").exists()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium; on Debian: sudo apt-get install chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_in_a_browser(scheme: Any, width: int, kept: Path, run: Run, tmp_path: Path) -> None:  # noqa: ANN401
    """If this failed, the page would ask the network for something, break its own policy, or shut somebody out."""
    done = run("health", "--history", "--store", kept, "--format", "html", "--out", tmp_path / "health.html")
    assert done.returncode == 0
    assert "12 scores kept" in done.stdout
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        deeds: list[str] = []
        page.on("console", lambda each: deeds.append(each.text))
        page.on("request", lambda each: deeds.append(each.url) if not each.url.endswith("health.html") else None)
        page.goto((tmp_path / "health.html").as_uri())
        assert page.locator("svg[role=img] g").count() == 12
        assert page.locator("details tbody").locator("tr").count() == 12
        box = page.locator("svg[role=img] g").last.bounding_box()
        assert box is not None
        assert 0 < box["x"] < width, "the newest score is seen without scrolling"
        page.locator("summary").click()
        assert "✗ roll back" in page.locator("main").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("getComputedStyle(document.querySelector('.limit')).strokeDasharray") != "none"
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
        assert deeds == []
        browser.close()
