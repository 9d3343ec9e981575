#!/bin/sh
# Runs once, on an empty volume: a role and databases for each user of this server, none of them superuser.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
  -v temporal_password="$TEMPORAL_DB_PASSWORD" -v plura_password="$PLURA_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE ROLE plura LOGIN PASSWORD :'plura_password';
CREATE DATABASE plura OWNER plura;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, plura FROM PUBLIC;
SQL
