-- Until when a gateway had written down all that it was asked: a registry that nobody uses is told from a gateway that records nothing.
CREATE TABLE gateway_reports (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  heard_at timestamptz NOT NULL
);
