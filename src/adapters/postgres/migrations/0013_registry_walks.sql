-- When the reconcile last came to the end of the registry: how far the record may be believed that a clean-up plans by.
CREATE TABLE registry_walks (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  walked_at timestamptz NOT NULL
);
