ALTER TABLE broadcast
  ADD COLUMN waiting      bigint   NOT NULL DEFAULT 0,
  ADD COLUMN acknowledged bigint   NOT NULL DEFAULT 0,
  ADD COLUMN late         bigint   NOT NULL DEFAULT 0,
  ADD COLUMN retried      bigint   NOT NULL DEFAULT 0,
  ADD COLUMN status       smallint NOT NULL DEFAULT 2, -- 1 running, 2 completed, 3 cancelled
  ADD COLUMN filter       text     NULL,               -- JSON
  ADD COLUMN max_rate     integer  NOT NULL DEFAULT 0,
  ADD COLUMN expires_at   bigint   NULL,
  ADD COLUMN gateways     text     NOT NULL DEFAULT '[]'; -- JSON

CREATE INDEX broadcast_by_product ON broadcast (product_key, message_id);

-- What is needed to go on with a broadcast, of those that go on after the devices that were online have been written to.
CREATE TABLE broadcast_message (
  message_id      bigint NOT NULL PRIMARY KEY,
  payload         bytea  NOT NULL,
  properties      bytea  NOT NULL, -- as MQTT 5.0 encodes them
  stale_at        bigint NULL,
  gateways_before text   NOT NULL -- JSON
);

CREATE INDEX broadcast_running ON broadcast (product_key) WHERE status = 1;

-- Devices that have not acknowledged a QoS 1 broadcast, and for which no gateway waits.
CREATE TABLE broadcast_unacknowledged (
  message_id  bigint           NOT NULL,
  device_name text COLLATE "C" NOT NULL,
  PRIMARY KEY (message_id, device_name)
);

-- The devices that a broadcast has reached which devices get that come later: eight bytes each, many in a row.
CREATE TABLE broadcast_reached (
  id         bigint  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id bigint  NOT NULL,
  part       integer NOT NULL,
  devices    bytea   NOT NULL
);

CREATE INDEX broadcast_reached_by_part ON broadcast_reached (message_id, part);
