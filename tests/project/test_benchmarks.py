"""The runner of the benchmarks, and what it says of their results."""

import json
import re
from pathlib import Path

import pytest

from benchmarks import _claims, mutations
from benchmarks.__main__ import FULL, QUICK, main
from benchmarks._claims import CLAIMS, Claim, broken_guards, table, with_table

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "results" / "full.json"
PAGES = {"README.md": "en", "README.es.md": "es"}


def claim(goal=(">=", 2), worst_goal=None, guard=1):
    return Claim(
        "speed",
        "times as fast",
        "veces más rápido",
        lambda result: result["ratios"],
        goal=goal,
        worst_goal=worst_goal,
        guard=guard,
        front=True,
    )


def runs(*ratios):
    return {
        "speed": {
            "command": "python -m benchmarks.speed",
            "result": {"ratios": list(ratios)},
        }
    }


def test_benchmarks_that_run_exist_and_have_claims_only_where_they_run():
    modules = {path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py")}
    assert set(FULL) <= modules
    assert set(QUICK) <= set(FULL)
    assert {claim.benchmark for claim in CLAIMS} <= set(FULL)
    guarded = {claim.benchmark for claim in CLAIMS if claim.guard is not None}
    assert guarded <= set(QUICK)


@pytest.mark.parametrize(
    ("found", "broken"), [((3, 3), False), ((1.2, 0.9), False), ((0.4, 0.8), True)]
)
def test_a_guard_breaks_beyond_its_bound_only(monkeypatch, found, broken):
    monkeypatch.setattr(_claims, "CLAIMS", [claim()])
    assert bool(broken_guards(runs(*found))) == broken


def test_a_bound_from_above_breaks_above(monkeypatch):
    monkeypatch.setattr(_claims, "CLAIMS", [claim(goal=("<=", 1), guard=2)])
    assert broken_guards(runs(1.9)) == []
    [sentence] = broken_guards(runs(2.5))
    assert "2.50" in sentence
    assert "benchmarks.speed" in sentence


def test_a_guard_says_nothing_of_what_did_not_run(monkeypatch):
    monkeypatch.setattr(_claims, "CLAIMS", [claim()])
    skipped = {"speed": {"command": "python -m benchmarks.speed", "skipped": "no"}}
    assert broken_guards(skipped) == []
    assert "speed" not in table(skipped)


def test_the_table_tells_mean_worst_and_what_is_missed(monkeypatch):
    monkeypatch.setattr(_claims, "CLAIMS", [claim(worst_goal=2)])
    assert "| 3.00 | 2.00 | ≥ 2, 2 |" in table(runs(2, 4))
    assert "| 3.00 | 1.00 | ≥ 2, 2: **missed** |" in table(runs(1, 5))
    assert "| 1.00 | 1.00 | ≥ 2, 2: **no alcanzada** |" in table(runs(1, 1), "es")


def test_a_page_changes_between_its_marks_only(monkeypatch):
    monkeypatch.setattr(_claims, "CLAIMS", [claim()])
    page = "before\n" + "\n\nold\n\n".join(_claims.MARKS) + "\nafter\n"
    new = with_table(page, runs(3), "en")
    assert new.startswith("before\n")
    assert new.endswith("\nafter\n")
    assert "old" not in new
    assert "3.00" in new


def test_the_readmes_show_few_claims(monkeypatch):
    page = "".join(_claims.MARKS)
    monkeypatch.setattr(_claims, "CLAIMS", [claim()._replace(front=False)])
    assert "times" not in with_table(page, runs(3), "en")
    assert "times" in table(runs(3))


@pytest.mark.parametrize("page", PAGES)
def test_the_readme_shows_the_committed_run(page):
    text = (ROOT / page).read_text()
    committed = json.loads(COMMITTED.read_text())["runs"]
    assert with_table(text, committed, PAGES[page]) == text


def test_the_committed_run_tells_machine_versions_and_seeds():
    content = json.loads(COMMITTED.read_text())
    assert content["machine"]["cores"] > 0
    for name, run in content["runs"].items():
        assert re.fullmatch(rf"python -m benchmarks\.{name}( .*)?", run["command"])
        if "result" in run:
            assert {"date", "machine", "versions", "seeds"} <= set(run), name
            assert "tensorflow" in run["versions"]


def test_an_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["nonsense"])
    assert "nonsense" in capsys.readouterr().err


@pytest.mark.slow
def test_a_failed_benchmark_is_told_and_others_are_kept(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(QUICK, "refit", ("--no-such-option",))
    kept = {"latency": {"command": "python -m benchmarks.latency", "skipped": "why"}}
    (tmp_path / "quick.json").write_text(json.dumps({"runs": kept}))
    assert main(["refit", "--quick", "--update", "--out", str(tmp_path)]) == 1
    content = json.loads((tmp_path / "quick.json").read_text())
    assert content["runs"]["latency"] == kept["latency"]
    assert "--no-such-option" in " ".join(content["runs"]["refit"]["failed"])
    assert "benchmarks.refit failed" in capsys.readouterr().err


def test_mutations_are_of_code_that_is_there():
    changes = json.loads(mutations.COMMITTED.read_text())["changes"]
    gone = [change for change in changes if mutations.changed_text(change) is None]
    assert gone == [], "give each the module and the name that its code has now"
    assert all(change["module"].split("/")[1] in mutations.TESTS for change in changes)
