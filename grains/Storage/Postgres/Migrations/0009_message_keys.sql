-- Messages are found by numbers: an entry of an index by texts, product and device and id, was compared with a dozen others for each message that came and again when it ended,
-- which was more than half of what the server did. The key of a device is made by the platform (DeviceKey): a hash, so whoever looks by it names the device as well.
-- Nobody writes meanwhile: what a silo of the version before would still store must not be lost with the old table.
LOCK TABLE device_message IN ACCESS EXCLUSIVE MODE;

-- The high half of 64-bit FNV-1a, whose prime is 2^40 + 435. In halves, because a product of two bigint overflows.
CREATE FUNCTION device_key_part(text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  high  bigint := 3421674724;
  low   bigint := 2216829733;
  bytes bytea  := convert_to($1, 'UTF8');
BEGIN
  FOR i IN 0 .. octet_length(bytes) - 1 LOOP
    low := low # get_byte(bytes, i);
    high := (high * 435 + (low << 8) + ((low * 435) >> 32)) & 4294967295;
    low := (low * 435) & 4294967295;
  END LOOP;
  RETURN high;
END $$;

-- A row is written when its message is accepted, or has ended before it is, again when it is sent and when it is final, and deleted once its history has been kept long enough. As
-- before (0001_initial.sql), half of each page is free for what changes, and what is dead is collected early.
CREATE TABLE message (
  device_key           bigint           NOT NULL,
  sequence             bigint           NOT NULL,
  created_at           bigint           NOT NULL,
  expires_at           bigint           NOT NULL,
  attempts             integer          NOT NULL,
  rounds               integer          NOT NULL,
  status               smallint         NOT NULL, -- 1 pending, 2 sent, 3 delivered, 4 timed out, 5 failed
  qos                  smallint         NOT NULL,
  needs_subscription   boolean          NOT NULL,
  has_own_id           boolean          NOT NULL, -- given by the caller; otherwise it is the sequence
  product_key          text COLLATE "C" NOT NULL,
  device_name          text COLLATE "C" NOT NULL,
  message_id           text COLLATE "C" NOT NULL,
  name                 text             NOT NULL,
  topic                text             NOT NULL,
  payload              bytea            NOT NULL,
  sent_at              bigint           NULL,
  finished_at          bigint           NULL,     -- set exactly when the status is final
  acknowledged_late_at bigint           NULL,
  reason               text             NULL,     -- set exactly when it has timed out or failed
  resent_at            bytea            NULL      -- written to a connection again: each time as eight bytes
) WITH (
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);

INSERT INTO message
SELECT k.device_key, m.sequence, m.created_at, m.expires_at, m.attempts, m.rounds, m.status, m.qos, m.needs_subscription, m.message_id <> m.sequence::text,
  m.product_key, m.device_name, m.message_id, m.name, m.topic, m.payload, m.sent_at, m.finished_at, m.acknowledged_late_at, m.reason, m.resent_at
FROM device_message AS m
JOIN (
  SELECT d.product_key, d.device_name, (device_key_part(d.product_key) << 32) | device_key_part(d.device_name) AS device_key
  FROM (SELECT DISTINCT product_key, device_name FROM device_message) AS d) AS k USING (product_key, device_name);

DROP TABLE device_message;

DROP FUNCTION device_key_part;

ALTER TABLE message RENAME TO device_message;

ALTER TABLE device_message ADD CONSTRAINT device_message_pkey PRIMARY KEY (device_key, sequence);

-- The texts are compared only where the numbers and the id are the same: devices may share a key.
CREATE UNIQUE INDEX device_message_own_id ON device_message (device_key, message_id, product_key, device_name) WHERE has_own_id;

-- What is not final is a small part of the table, and the part that is asked for most. It is told by finished_at and not by the status,
-- which changes more often: a change of a column that an index looks at can not stay on its page.
CREATE INDEX device_message_open ON device_message (device_key, sequence) WHERE finished_at IS NULL;

CREATE INDEX device_message_expiring ON device_message (expires_at) WHERE finished_at IS NULL;

CREATE INDEX device_message_finished ON device_message (finished_at) WHERE finished_at IS NOT NULL;

CREATE INDEX device_message_undelivered ON device_message (device_key, sequence) WHERE reason IS NOT NULL;

ANALYZE device_message;
