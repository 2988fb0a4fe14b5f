-- Times are microseconds since the Unix epoch.

CREATE TABLE product (
  product_key          TEXT    NOT NULL PRIMARY KEY,
  name                 TEXT    NOT NULL,
  is_enabled           INTEGER NOT NULL,
  is_registration_open INTEGER NOT NULL,
  created_at           INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE device (
  product_key TEXT    NOT NULL,
  device_name TEXT    NOT NULL,
  secret      TEXT    NOT NULL,
  is_enabled  INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (product_key, device_name)
) WITHOUT ROWID;

CREATE TABLE device_message (
  product_key        TEXT    NOT NULL,
  device_name        TEXT    NOT NULL,
  message_id         TEXT    NOT NULL,
  sequence           INTEGER NOT NULL,
  name               TEXT    NOT NULL,
  payload            BLOB    NOT NULL,
  topic              TEXT    NOT NULL,
  needs_subscription INTEGER NOT NULL,
  qos                INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  expires_at         INTEGER NOT NULL,
  status             INTEGER NOT NULL, -- 1 pending, 2 sent, 3 delivered, 4 timed out, 5 failed
  attempts           INTEGER NOT NULL,
  rounds             INTEGER NOT NULL,
  sent_at            INTEGER NULL,
  finished_at        INTEGER NULL,
  reason             TEXT    NULL,
  PRIMARY KEY (product_key, device_name, message_id)
);

CREATE UNIQUE INDEX device_message_in_order ON device_message (product_key, device_name, sequence);

-- What is not final is a small part of the table, and the part that is asked for most.
CREATE INDEX device_message_open ON device_message (expires_at) WHERE status IN (1, 2);

CREATE INDEX device_message_finished ON device_message (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE broadcast (
  message_id    INTEGER NOT NULL PRIMARY KEY,
  product_key   TEXT    NOT NULL,
  topic         TEXT    NULL,
  qos           INTEGER NOT NULL,
  payload_bytes INTEGER NOT NULL,
  targeted      INTEGER NOT NULL,
  written       INTEGER NOT NULL,
  dropped       INTEGER NOT NULL,
  unknown       INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  completed_at  INTEGER NULL
);
