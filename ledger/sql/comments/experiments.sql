COMMENT ON TABLE hold_outs IS 'Hold-outs: a share of workspaces that sees no offer, so that the effect of offers can be measured.';
COMMENT ON COLUMN hold_outs.hold_out IS 'Name of the hold-out; it decides which arm a workspace is in.';
COMMENT ON COLUMN hold_outs.source IS 'Mode that it applies to.';
COMMENT ON COLUMN hold_outs.starts_at IS 'First moment of the hold-out.';
COMMENT ON COLUMN hold_outs.ends_at IS 'End of the hold-out; null while it runs, and written once.';
COMMENT ON COLUMN hold_outs.created_by IS 'Person who started it.';
COMMENT ON COLUMN hold_outs.reason IS 'Why it is run.';
COMMENT ON CONSTRAINT hold_outs_shape ON hold_outs IS 'Names fit into URLs and filters.';
COMMENT ON CONSTRAINT hold_outs_source ON hold_outs IS 'A number of one mode is never added to a number of another.';
COMMENT ON CONSTRAINT hold_outs_end_after_start ON hold_outs IS 'A hold-out lasts longer than a moment.';
COMMENT ON CONSTRAINT hold_outs_share ON hold_outs IS 'A smaller share measures nothing, a larger one costs too much.';
COMMENT ON CONSTRAINT hold_outs_hits_positive ON hold_outs IS 'The size is planned before the first hit.';
COMMENT ON CONSTRAINT hold_outs_say_why ON hold_outs IS 'A hold-out costs sales, so it has a reason.';

COMMENT ON TABLE price_test_designs IS 'Planned price tests, before they start in the catalogue.';
COMMENT ON COLUMN price_test_designs.design_id IS 'Id of the design.';
COMMENT ON COLUMN price_test_designs.test IS 'Name of the planned test.';
COMMENT ON COLUMN price_test_designs.arms IS 'Arms to offer side by side.';
COMMENT ON COLUMN price_test_designs.design IS 'Prices, sample sizes and assumptions, as JSON.';
COMMENT ON COLUMN price_test_designs.note IS 'Note of the author.';
COMMENT ON COLUMN price_test_designs.author IS 'Person who planned it.';
COMMENT ON COLUMN price_test_designs.at IS 'When it was planned.';
COMMENT ON CONSTRAINT price_test_designs_shape ON price_test_designs IS 'Names fit into URLs and filters.';
COMMENT ON CONSTRAINT price_test_designs_two_arms ON price_test_designs IS 'A test compares at least two arms.';
COMMENT ON CONSTRAINT price_test_designs_note_length ON price_test_designs IS 'A note fits on the page.';

COMMENT ON FUNCTION hold_out_arm IS 'Returns the arm of a workspace in a hold-out, control or treatment; always the same answer.';
COMMENT ON FUNCTION price_test_arm IS 'Returns the arm of a workspace in a price test; always the same answer.';
