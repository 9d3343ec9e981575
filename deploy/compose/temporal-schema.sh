#!/bin/sh
# Brings Temporal's two schemas up to the version of this image; safe to repeat.
set -eu

migrate() {
  database=$1
  folder=$2
  tool="temporal-sql-tool --plugin postgres12 --ep $POSTGRES_SEEDS -p $DB_PORT -u $POSTGRES_USER --db $database"
  $tool setup-schema -v 0.0
  $tool update-schema -d "/etc/temporal/schema/postgresql/v12/$folder/versioned"
}

migrate temporal temporal
migrate temporal_visibility visibility
