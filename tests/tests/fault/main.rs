//! What goes on while servers are killed, connections cut, disks filled and rights left out. These run one at a time,
//! see `.config/nextest.toml`.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod campaign;
mod harness;
mod nats;
mod nats_rights;
mod nodes_linearizable;
mod overload;
mod postgres;
mod store_sqlite;
mod work;
