"""Logged models, as on MLflow's own store."""

from __future__ import annotations

from mlflow.entities import LoggedModelOutput, LoggedModelParameter, LoggedModelStatus, LoggedModelTag, Metric, ViewType

from tests.clients.mlflow.beside import Pair
from tests.clients.mlflow.test_runs import T0, run


def test_logged_models_live_alike(tracking: Pair) -> None:
    one = run(tracking, "one")
    model = tracking.make(
        "model",
        "create_logged_model",
        "0",
        "clf",
        one,
        [LoggedModelTag("a", "b")],
        [LoggedModelParameter("C", "1")],
        "t",
    )
    tracking.call("get_logged_model", model)
    for name in ("", "a/b", "a:b", "a.b", "a'b"):
        tracking.refused("INVALID_PARAMETER_VALUE", "create_logged_model", "0", name)
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "create_logged_model", "4711", "m")
    for model_id in ("nobody", "m-" + "f" * 32):
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "get_logged_model", model_id)
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "finalize_logged_model", model_id, LoggedModelStatus.READY)
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "set_logged_model_tags", model_id, [LoggedModelTag("a", "b")])
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "delete_logged_model_tag", model_id, "a")
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "delete_logged_model", model_id)
        tracking.refused(
            "RESOURCE_DOES_NOT_EXIST", "log_logged_model_params", model_id, [LoggedModelParameter("x", "1")]
        )
    tracking.call("finalize_logged_model", model, LoggedModelStatus.READY)
    tracking.call("set_logged_model_tags", model, [LoggedModelTag("a", "c"), LoggedModelTag("d", "e")])
    tracking.call("log_logged_model_params", model, [LoggedModelParameter("x", "1")])
    tracking.call("delete_logged_model_tag", model, "d")
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "delete_logged_model_tag", model, "d")
    tracking.call("log_outputs", one, [LoggedModelOutput(model, 3)][:0])
    for store, run_id, model_id in (
        (tracking.control, one.control, model.control),
        (tracking.ours, one.ours, model.ours),
    ):
        store.log_outputs(run_id, [LoggedModelOutput(model_id, 3)])
        for step in (0, 1):
            store.log_metric(run_id, Metric("auc", 0.5 + step / 4, T0 + step, step, model_id, "clicks", "d1", run_id))
    tracking.call("get_run", one)
    control, ours = (
        sorted(tracking.plain(store.get_logged_model(model_id).metrics, side), key=lambda metric: metric["step"])
        for side, (store, model_id) in enumerate(((tracking.control, model.control), (tracking.ours, model.ours)))
    )
    assert ours == control
    assert len(ours) == 2
    tracking.call("delete_logged_model", model)
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "get_logged_model", model)
    tracking.call("search_logged_models", ["0"])


def test_deleted_logged_models_are_purged_alike(tracking: Pair) -> None:
    other = tracking.make("other", "create_experiment", "other")
    kept, gone, again = (tracking.make(name, "create_logged_model", "0", name) for name in ("kept", "gone", "again"))
    inside, own = (tracking.make(name, "create_logged_model", other, name) for name in ("inside", "own"))
    one = run(tracking, "one")
    for store, run_id, model_id in (
        (tracking.control, one.control, gone.control),
        (tracking.ours, one.ours, gone.ours),
    ):
        store.log_metric(run_id, Metric("auc", 0.5, T0, 0, model_id, None, None, run_id))
    assert tracking.call("_get_deleted_logged_models")[1] == []
    for ref in (gone, own):
        tracking.call("delete_logged_model", ref)
    # What goes with its experiment is not purged by itself.
    tracking.call("delete_experiment", other)
    assert [set(each) for each in tracking.call("_get_deleted_logged_models", older_than=3_600_000)] == [set(), set()]
    control, ours = (set(store._get_deleted_logged_models()) for store in (tracking.control, tracking.ours))
    assert (control, ours) == ({gone.control, own.control}, {gone.ours, own.ours})
    tracking.call("_hard_delete_logged_model", gone)
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "_hard_delete_logged_model", gone)
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "_hard_delete_logged_model", "nobody")
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "get_logged_model", gone, allow_deleted=True)
    assert [set(each) for each in tracking.call("_get_deleted_logged_models")] == [{own.control}, {own.ours}]
    tracking.call("restore_experiment", other)
    for ref in (kept, again, inside):
        tracking.call("get_logged_model", ref)
    tracking.call("get_run", one)


def test_searches(tracking: Pair) -> None:
    one = run(tracking, "one")
    made = [
        tracking.make(
            name, "create_logged_model", "0", name, one, [LoggedModelTag("k", tag)], [LoggedModelParameter("C", value)]
        )
        for name, tag, value in (("clf", "x", "1"), ("Clf", "y", "2"), ("reg", "x", "3"), ("last", "z", "1"))
    ]
    for number, ref in enumerate(made[:3]):
        for store, run_id, model_id in (
            (tracking.control, one.control, ref.control),
            (tracking.ours, one.ours, ref.ours),
        ):
            dataset = ("clicks", "d1") if number % 2 else ("views", "d2")
            store.log_metric(run_id, Metric("auc", number / 4, T0, 0, model_id, *dataset, run_id))
    orders: list[list[dict[str, object]] | None] = [
        [{"field_name": "name"}],
        [{"field_name": "name", "ascending": False}],
        [{"field_name": "creation_timestamp"}],
        [{"field_name": "metrics.auc", "ascending": False}],
        [{"field_name": "metrics.auc", "dataset_name": "views", "dataset_digest": "d2"}],
        None,
    ]
    for order in orders:
        tracking.pages("search_logged_models", ["0"], size=3, order_by=order)
    for text in (
        "name = 'clf'",
        "name ILIKE 'CLF'",
        "name LIKE 'c%'",
        "name IN ('clf', 'reg')",
        "params.C = '1'",
        "params.C != '1' and tags.k = 'x'",
        "metrics.auc >= 0.25",
        "creation_timestamp > 5",
        "source_run_id = 'nobody'",
    ):
        tracking.call("search_logged_models", ["0"], text, None, 10, [{"field_name": "name"}])
    for datasets in ([{"dataset_name": "views"}], [{"dataset_name": "clicks", "dataset_digest": "d1"}]):
        tracking.call("search_logged_models", ["0"], "metrics.auc >= 0", datasets, 10, [{"field_name": "name"}])
        tracking.call("search_logged_models", ["0"], None, datasets, 10, [{"field_name": "name"}])
    for text in ("name > 'a'", "metrics.auc LIKE 'x'", "foo.bar = 1", "name = 'a' or name = 'b'"):
        tracking.refused("INVALID_PARAMETER_VALUE", "search_logged_models", ["0"], text)
    tracking.refused("INVALID_PARAMETER_VALUE", "search_logged_models", ["0"], None, [{"dataset_name": ""}])
    tracking.refused(
        "INVALID_PARAMETER_VALUE", "search_logged_models", ["0"], None, None, 5, [{"field_name": "params.C"}]
    )
    tracking.call("search_logged_models", ["4711"])
    tracking.call("search_logged_models", [])
    assert not tracking.ours.search_runs(["4711"], "", ViewType.ALL)
