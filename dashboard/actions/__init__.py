"""What staff may do.

Every action checks the permission, and holds limit or approval, audit line and ledger call in one transaction:
either all of it happened or nothing did.
"""

from dashboard.actions.acting import ACTIONS, ActionResult, NotAllowed
from dashboard.actions.alert_subscriptions import add_alert_subscription, stop_alert_subscription
from dashboard.actions.attributes import set_attributes, set_attributes_of_list
from dashboard.actions.batches import apply_row, start_batch, stop_batch, undo_row
from dashboard.actions.catalogue import (
    NewPackage,
    end_price_test,
    map_price,
    mark_price_as_other,
    publish_package,
    publish_plan_price,
    start_price_test,
    withdraw_package,
)
from dashboard.actions.decisions import decide
from dashboard.actions.grants import above_limit, grant_minutes, void_minutes
from dashboard.actions.hold_outs import end_hold_out, start_hold_out
from dashboard.actions.imports import answer_mapping, start_import, store_files, undo_import
from dashboard.actions.notes import add_note, open_workspace, pin_workspace, remove_note
from dashboard.actions.operation import close_alert, reconcile_payments, replay_event
from dashboard.actions.people import (
    add_staff,
    create_key,
    disable_staff,
    limit_key,
    revoke_key,
    set_limits,
)
from dashboard.actions.personal_data import erase_personal_data, export_personal_data
from dashboard.actions.refunds import refund_above_limit, refund_purchase
from dashboard.actions.reports import add_report, send_test_report, stop_report_of
from dashboard.actions.sessions import end_sessions, sign_out_everywhere
from dashboard.actions.simulation import (
    MOVES,
    confirm_purchase,
    play,
    simulate_checkout,
    simulate_purchase,
    try_again,
)
from dashboard.actions.stripe_imports import answer_choices, read_stripe_account, start_stripe_import
from dashboard.actions.stripe_links import (
    compare_move_in,
    create_billing_link,
    go_live,
    link_list,
    link_stripe,
    save_old_balances,
    sync_subscriptions,
)
from dashboard.actions.top_ups import save_auto_top_up
from dashboard.actions.webhooks import (
    add_webhook_endpoint,
    delete_webhook_endpoint,
    replay_webhook_event,
    rotate_webhook_secret,
)

__all__ = [
    "ACTIONS",
    "MOVES",
    "ActionResult",
    "NewPackage",
    "NotAllowed",
    "above_limit",
    "add_alert_subscription",
    "add_note",
    "add_report",
    "add_staff",
    "add_webhook_endpoint",
    "answer_choices",
    "answer_mapping",
    "apply_row",
    "close_alert",
    "compare_move_in",
    "confirm_purchase",
    "create_billing_link",
    "create_key",
    "decide",
    "delete_webhook_endpoint",
    "disable_staff",
    "end_hold_out",
    "end_price_test",
    "end_sessions",
    "erase_personal_data",
    "export_personal_data",
    "go_live",
    "grant_minutes",
    "limit_key",
    "link_list",
    "link_stripe",
    "map_price",
    "mark_price_as_other",
    "open_workspace",
    "pin_workspace",
    "play",
    "publish_package",
    "publish_plan_price",
    "read_stripe_account",
    "reconcile_payments",
    "refund_above_limit",
    "refund_purchase",
    "remove_note",
    "replay_event",
    "replay_webhook_event",
    "revoke_key",
    "rotate_webhook_secret",
    "save_auto_top_up",
    "save_old_balances",
    "send_test_report",
    "set_attributes",
    "set_attributes_of_list",
    "set_limits",
    "sign_out_everywhere",
    "simulate_checkout",
    "simulate_purchase",
    "start_batch",
    "start_hold_out",
    "start_import",
    "start_price_test",
    "start_stripe_import",
    "stop_alert_subscription",
    "stop_batch",
    "stop_report_of",
    "store_files",
    "sync_subscriptions",
    "try_again",
    "undo_import",
    "undo_row",
    "void_minutes",
    "withdraw_package",
]
