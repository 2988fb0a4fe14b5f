ALTER TABLE broadcast ADD COLUMN waiting      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broadcast ADD COLUMN acknowledged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broadcast ADD COLUMN late         INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broadcast ADD COLUMN retried      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broadcast ADD COLUMN status       INTEGER NOT NULL DEFAULT 2; -- 1 running, 2 completed, 3 cancelled
ALTER TABLE broadcast ADD COLUMN filter       TEXT    NULL;               -- JSON
ALTER TABLE broadcast ADD COLUMN max_rate     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broadcast ADD COLUMN expires_at   INTEGER NULL;
ALTER TABLE broadcast ADD COLUMN gateways     TEXT    NOT NULL DEFAULT '[]'; -- JSON

CREATE INDEX broadcast_by_product ON broadcast (product_key, message_id);

-- What is needed to go on with a broadcast, of those that go on after the devices that were online have been written to.
CREATE TABLE broadcast_message (
  message_id      INTEGER NOT NULL PRIMARY KEY,
  payload         BLOB    NOT NULL,
  properties      BLOB    NOT NULL, -- as MQTT 5.0 encodes them
  stale_at        INTEGER NULL,
  gateways_before TEXT    NOT NULL -- JSON
);

CREATE INDEX broadcast_running ON broadcast (product_key) WHERE status = 1;

-- Devices that have not acknowledged a QoS 1 broadcast, and for which no gateway waits.
CREATE TABLE broadcast_unacknowledged (
  message_id  INTEGER NOT NULL,
  device_name TEXT    NOT NULL,
  PRIMARY KEY (message_id, device_name)
) WITHOUT ROWID;

-- The devices that a broadcast has reached which devices get that come later: eight bytes each, many in a row.
CREATE TABLE broadcast_reached (
  id         INTEGER NOT NULL PRIMARY KEY,
  message_id INTEGER NOT NULL,
  part       INTEGER NOT NULL,
  devices    BLOB    NOT NULL
);

CREATE INDEX broadcast_reached_by_part ON broadcast_reached (message_id, part);
