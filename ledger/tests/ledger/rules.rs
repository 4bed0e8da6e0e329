//! One test per rule, at its edges, over a view whose every answer the test sets.

mod contextual;
mod semantic;
mod structural;

use veilpay_ledger::testing::Draft;

use crate::setting::View;

#[test]
fn the_view_of_these_tests_accepts_the_draft_of_these_tests() {
    let view = View::new();
    assert_eq!(view.refusal(View::draft()), None);
}

/// An accepted draft, changed in one way.
fn changed(change: impl FnOnce(&mut Draft)) -> Draft {
    View::draft().with(change)
}
