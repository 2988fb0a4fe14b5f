-- Sessions that outlive their connections.
CREATE TABLE session (
  shard         INTEGER NOT NULL,
  product_key   TEXT    NOT NULL,
  device_name   TEXT    NOT NULL,
  expiry        INTEGER NOT NULL, -- microseconds after the end of a connection
  messages_max  INTEGER NOT NULL,
  bytes_max     INTEGER NOT NULL,
  drops_oldest  INTEGER NOT NULL,
  offline_since INTEGER NULL,     -- none: it had a connection when this was written
  subscriptions TEXT    NOT NULL, -- JSON
  received      TEXT    NOT NULL, -- JSON
  will          TEXT    NULL,     -- JSON
  will_due_at   INTEGER NULL,
  PRIMARY KEY (shard, product_key, device_name)
) WITHOUT ROWID;

CREATE TABLE session_message (
  shard       INTEGER NOT NULL,
  product_key TEXT    NOT NULL,
  device_name TEXT    NOT NULL,
  sequence    INTEGER NOT NULL,
  topic       BLOB    NOT NULL,
  payload     BLOB    NOT NULL,
  properties  BLOB    NOT NULL,
  qos         INTEGER NOT NULL,
  is_retain   INTEGER NOT NULL,
  identifiers BLOB    NOT NULL,
  share       TEXT    NULL,
  publish_id  INTEGER NOT NULL,
  expires_at  INTEGER NULL,
  is_released INTEGER NOT NULL,
  PRIMARY KEY (shard, product_key, device_name, sequence)
) WITHOUT ROWID;
