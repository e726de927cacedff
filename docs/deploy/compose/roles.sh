#!/bin/sh
# PostgreSQL runs this once, on an empty database: the service's login. Its rights come with `chancery migrate`.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$(cat /run/secrets/service.password)" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE chancery LOGIN PASSWORD :'password';
SQL
