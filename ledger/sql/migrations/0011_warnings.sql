-- The plan running out, with extra minutes taking over, is told like the other warnings. An address that was set before
-- gets the new type only when somebody asks for it: its receiver may take every type that it does not know for a threshold.

ALTER TABLE warning_endpoint ADD COLUMN sends_plan_exhausted boolean NOT NULL DEFAULT false;
