-- What released digests are made of, by their SBOMs; and which advisories hit it.

CREATE TABLE component_packages (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  space text COLLATE "C" NOT NULL CHECK (length(space) BETWEEN 1 AND 255),
  name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 1024),
  -- Of Red Hat, whose advisories differ by them.
  products text[] NOT NULL CHECK (cardinality(products) <= 200),
  -- sha256 of the advisories that its components were matched with.
  advisories bytea CHECK (octet_length(advisories) = 32),
  UNIQUE (space, name, products)
);

CREATE TABLE components (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  package integer NOT NULL REFERENCES component_packages (id),
  version text COLLATE "C" NOT NULL CHECK (length(version) <= 512),
  purl text COLLATE "C" NOT NULL CHECK (length(purl) <= 2048),
  arch text COLLATE "C" NOT NULL CHECK (length(arch) <= 64),
  added_at timestamptz NOT NULL,
  -- With the advisories of its package.
  matched boolean NOT NULL DEFAULT false,
  -- When an advisory last came to it, left it, or was told otherwise; null: none ever hit it.
  changed_at timestamptz,
  UNIQUE (package, version, purl, arch)
);
CREATE INDEX components_unmatched ON components (package) WHERE NOT matched;
-- A purl without version and qualifiers, however it is written.
CREATE INDEX components_by_purl ON components ((lower(split_part(split_part(purl, '?', 1), '@', 1))));

-- A row an SBOM, and four bytes a component: a row for each of them would take seventy, and its indexes as much again.
CREATE TABLE component_digests (
  digest digest PRIMARY KEY,
  -- Of the document; null: it was deleted before it was ever read.
  sbom digest,
  indexed_at timestamptz NOT NULL,
  -- In order, each once.
  components integer[] NOT NULL,
  -- Kinds of packages that only the scanner judges.
  uncovered text[] NOT NULL DEFAULT '{}',
  -- Deleted by a clean-up: remembered, so that its SBOM is not looked for again.
  gone boolean NOT NULL DEFAULT false,
  CHECK (NOT gone OR components = '{}')
);
CREATE INDEX component_digests_by_component ON component_digests USING gin (components);

-- Of the scanner, by which all of the index was matched.
CREATE TABLE advisory_databases (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest digest NOT NULL UNIQUE,
  updated_at timestamptz NOT NULL,
  begun_at timestamptz NOT NULL,
  -- Null: not yet to the end.
  matched_at timestamptz
);
CREATE INDEX advisory_databases_newest ON advisory_databases (matched_at DESC)
  WHERE matched_at IS NOT NULL;

CREATE TABLE advisory_matches (
  component integer NOT NULL REFERENCES components (id) ON DELETE CASCADE,
  advisory text COLLATE "C" NOT NULL CHECK (length(advisory) BETWEEN 1 AND 128),
  severity text NOT NULL CHECK (severity IN ('CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN')),
  fixed text CHECK (length(fixed) <= 1024),
  -- When we first knew of it.
  since timestamptz NOT NULL,
  -- Null: it was known before the component was.
  brought_by integer REFERENCES advisory_databases (id),
  PRIMARY KEY (component, advisory)
);
CREATE INDEX advisory_matches_by_advisory ON advisory_matches (upper(advisory));
CREATE INDEX advisory_matches_brought ON advisory_matches (brought_by)
  WHERE brought_by IS NOT NULL;

-- What rollout targets said when they were last asked.
CREATE TABLE running_digests (
  svc text NOT NULL,
  env text NOT NULL,
  digest digest NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (digest, svc, env)
);
