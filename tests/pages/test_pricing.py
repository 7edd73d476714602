"""The page Pricing: a question from the controls or a button is answered, refined, saved, and shared by a link."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.screens.pricing.runs import Run
from ledger.pricing.scenarios import list_scenarios, save_scenario
from ledger.pricing.tariff import TariffPackage
from tests.pages.visits import hire, visit, words
from tests.pricing_company import NOW, START

READY_MADE = ["Small at 8.99?", "Starter with 150 minutes?", "Drop Medium?"]


def finish(page):
    """Let the background draws end, then look again."""
    run: Run = page.session_state["pr_run"]
    assert run.wait(60)
    return page.run()


def lines(page):
    """Return the table of outputs: today, scenario and change by output."""
    (result,) = [
        frame.value
        for frame in page.dataframe
        if "scenario" in frame.value.columns and "range" in frame.value
    ]
    return result.set_index("output")


def test_the_first_visit_shows_todays_tariff_beside_itself(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)

    assert not page.exception
    assert "24 workspaces" in words(page)
    table = lines(page)
    assert list(table.index[:3]) == [
        "Replayed revenue",
        "Conversion per hit, replayed",
        "Average package, replayed",
    ]
    assert list(table["today"]) == list(table["scenario"])
    assert set(table["change"]) == {""}
    assert "Change a price or allowance" in words(page)
    assert "replayed from" in words(page)


def test_a_ready_made_question_fills_the_controls_and_is_answered(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)

    assert [page.button(key=f"pr_ready_{number}").label for number in range(3)] == READY_MADE
    page.button(key="pr_ready_1").click().run()

    assert page.slider(key="pr_allowance_starter").value == 150
    assert lines(page).loc["Limit hits", "change"].startswith("▲")


def test_moving_a_slider_changes_the_answer_and_todays_tariff_brings_it_back(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page = finish(page)
    before = list(lines(page)["scenario"])

    page.slider(key="pr_allowance_starter").set_value(400).run()
    page = finish(page)
    moved = list(lines(page)["scenario"])
    page.button(key="pr_today").click().run()
    page = finish(page)

    assert moved != before
    assert list(lines(page)["scenario"]) == before


def test_the_draws_arrive_in_the_background_with_who_gains_and_who_loses(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.button(key="pr_ready_1").click().run()

    finish(page)

    assert not page.exception
    assert "From 200 draws over 24 workspaces." in words(page)
    assert {"Chance revenue increases", "Break-even elasticity"} <= {metric.label for metric in page.metric}
    assert "pay more" in words(page)
    assert "chance revenue increases" in words(page)


def test_today_is_one_number_before_and_after_a_question_and_the_change_belongs_to_it(
    company: Engine,
) -> None:
    page = finish(visit(company, "pricing", email=hire(company, "pricing"), at=NOW))
    today = list(lines(page)["today"])

    page.button(key="pr_ready_1").click().run()
    page = finish(page)

    table = lines(page)
    assert list(table["today"]) == today
    hits = table.loc["Limit hits"]
    then, now, by = (
        int(hits[name].replace(",", "").lstrip("▲ ")) for name in ("scenario", "today", "change")
    )
    assert then - now == by
    assert "Middle of 200 draws" in words(page)


def test_a_stopped_run_says_after_how_many_draws(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.button(key="pr_ready_1").click().run()
    run: Run = page.session_state["pr_run"]

    run.stop()
    assert run.wait(60)
    page.run()

    assert "Stopped after" in words(page)


def test_an_impossible_menu_is_named_and_nothing_is_lost(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.session_state["pr_menu"] = [
        {"code": "small", "name": "Small", "minutes": 60, "price": 0.0},
        {"code": "large", "name": "Large", "minutes": 300, "price": 34.99},
    ]
    page.run()

    assert "price must be a whole number of cents" in words(page)
    assert not page.exception
    assert page.slider(key="pr_allowance_starter").value == 200


def test_the_trust_panel_tells_model_error_and_a_badge_for_every_parameter(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)

    page.query_params["tab"] = "trust"
    page.run()

    assert not page.exception
    said = words(page)
    assert "Model error" in said
    assert "not identifiable" in said
    assert "assumed" in said
    assert "seed" in said


def _save(page, name):
    page.text_input(key="pr_name").set_value(name)
    return page.button(key="pr_save").click().run()


def test_a_saved_scenario_opens_for_another_role_by_its_link(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.button(key="pr_ready_1").click().run()
    finish(page)

    _save(page, "Starter 150")
    with ledger.reading(company) as db:
        (stored,) = list_scenarios(db)
    other = visit(
        company, "scenario", email=hire(company, "viewer"), at=NOW, scenario=str(stored.scenario_id)
    )

    assert stored.author == "pricing@example.com"
    assert stored.question.tariff.allowances["starter"] == 150
    assert page.code[0].value.endswith(f"/scenario?scenario={stored.scenario_id}")
    assert not other.exception
    assert "Starter 150" in other.dataframe[0].value.columns[1]
    assert "Open in the lab" not in words(other)


def test_of_two_people_saving_the_next_version_the_second_is_warned_and_saves_a_copy(company: Engine) -> None:
    first = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    _save(first, "Base")
    with ledger.reading(company) as db:
        (stored,) = list_scenarios(db)
    second = visit(company, "pricing", email=hire(company, "admin"), at=NOW, scenario=str(stored.scenario_id))

    _save(first, "Base")
    _save(second, "Base")
    refused = words(second)
    second.button(key="pr_copy").click().run()

    assert "Someone saved another version" in refused
    with ledger.reading(company) as db:
        assert sorted(s.version for s in list_scenarios(db)) == [1, 2]


def test_what_was_saved_from_a_link_stays_in_the_controls_and_can_be_saved_again(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    _save(page, "Base")
    with ledger.reading(company) as db:
        (first,) = list_scenarios(db)
    linked = visit(company, "pricing", email="pricing@example.com", at=NOW, scenario=str(first.scenario_id))
    linked.slider(key="pr_allowance_starter").set_value(195).run()

    _save(linked, "Base")
    linked.run()
    value_in_controls = linked.slider(key="pr_allowance_starter").value
    _save(linked, "Base")

    with ledger.reading(company) as db:
        (latest,) = list_scenarios(db)
    assert value_in_controls == 195
    assert (latest.version, latest.question.tariff.allowances["starter"]) == (3, 195)


def test_four_scenarios_stand_side_by_side_and_a_fifth_is_left_out(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    question = page.session_state["pr_last"]
    with ledger.writing(company) as db:
        saved = [
            save_scenario(
                db,
                name=name,
                question=question,
                snapshot={},
                results={},
                seed=1,
                author="pia",
                at=START,
            )
            for name in ("=cmd()", "<b>two</b>", "three", "four", "five")
        ]
    ids = ",".join(str(s.scenario_id) for s in saved)

    side = visit(company, "scenario", email="pricing@example.com", at=NOW, scenario=ids)

    assert not side.exception
    assert len(side.dataframe[0].value.columns) == 5
    assert "At most 4" in words(side)


def test_a_saved_scenario_run_again_on_the_same_data_has_no_drift(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.button(key="pr_ready_1").click().run()
    finish(page)
    _save(page, "Starter 150")
    with ledger.reading(company) as db:
        (stored,) = list_scenarios(db)

    side = visit(company, "scenario", email="pricing@example.com", at=NOW, scenario=str(stored.scenario_id))
    side.button(key=f"sc_again_{stored.scenario_id}").click().run()

    drift = side.dataframe[2].value
    assert set(drift["Drift"]) <= {"0", "0 min", "$0.00", "0.0 pp"}
    assert "same data" in words(side)
    assert "same code" in words(side)


def test_an_unknown_link_is_said_and_the_page_still_works(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW, scenario="nonsense")

    assert "No scenario has this id" in words(page)
    assert any(
        {"today", "scenario"} <= set(each.value.columns) and len(each.value) >= 8 for each in page.dataframe
    )


def test_without_history_the_page_says_what_is_missing(engine: Engine) -> None:
    page = visit(engine, "pricing", email=hire(engine, "pricing"))

    assert not page.exception
    assert "There is no history to replay" in words(page)
    assert not page.metric


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_the_lab_is_closed_to_other_roles(engine: Engine, role: str) -> None:
    page = visit(engine, "pricing", email=hire(engine, role))

    assert not page.slider
    assert page.error


def test_a_signed_out_visitor_sees_no_lab(engine: Engine) -> None:
    assert not visit(engine, "pricing", email=None).slider


def test_a_package_that_is_not_on_sale_now_can_be_put_on_the_menu(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.session_state["pr_menu"] = [
        {"code": "small", "name": "Small", "minutes": 60, "price": 9.99},
        {"code": None, "name": "Mega Pack", "minutes": 1000, "price": 79.0},
    ]
    page.run()

    assert page.session_state["pr_last"].tariff.packages[1] == TariffPackage(
        "mega-pack-2", "Mega Pack", 1000, 7900
    )
