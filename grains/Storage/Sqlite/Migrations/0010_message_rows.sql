-- New messages are written one behind the other, whichever device they are for: the table, and what is open, by time. A device's messages are found through memory
-- as long as they are open (OpenRows), and through an index once they have ended: a page of an index would else be written for every message that comes.
CREATE TABLE message (
  place                INTEGER NOT NULL PRIMARY KEY,
  product_key          TEXT    NOT NULL,
  device_name          TEXT    NOT NULL,
  message_id           TEXT    NOT NULL,
  has_own_id           INTEGER NOT NULL, -- given by the caller; otherwise it is the sequence
  sequence             INTEGER NOT NULL,
  name                 TEXT    NOT NULL,
  payload              BLOB    NOT NULL,
  topic                TEXT    NOT NULL,
  needs_subscription   INTEGER NOT NULL,
  qos                  INTEGER NOT NULL,
  created_at           INTEGER NOT NULL,
  expires_at           INTEGER NOT NULL,
  status               INTEGER NOT NULL, -- 1 pending, 2 sent, 3 delivered, 4 timed out, 5 failed
  attempts             INTEGER NOT NULL,
  rounds               INTEGER NOT NULL,
  sent_at              INTEGER NULL,
  finished_at          INTEGER NULL,     -- set exactly when the status is final
  reason               TEXT    NULL,
  resent_at            BLOB    NULL,
  acknowledged_late_at INTEGER NULL
);

INSERT INTO message
SELECT rowid, product_key, device_name, message_id, message_id <> CAST(sequence AS TEXT), sequence, name, payload, topic, needs_subscription, qos, created_at, expires_at,
  status, attempts, rounds, sent_at, finished_at, reason, resent_at, acknowledged_late_at
FROM device_message ORDER BY rowid;

DROP TABLE device_message;

ALTER TABLE message RENAME TO device_message;

-- All that the start of a process needs to know of what is open, and who has something that expires.
CREATE INDEX device_message_open ON device_message (expires_at, product_key, device_name, sequence) WHERE finished_at IS NULL;

CREATE UNIQUE INDEX device_message_own_id ON device_message (product_key, device_name, message_id) WHERE has_own_id = 1;

CREATE INDEX device_message_ended ON device_message (product_key, device_name, sequence) WHERE finished_at IS NOT NULL;

CREATE INDEX device_message_finished ON device_message (finished_at) WHERE finished_at IS NOT NULL;

-- What is asked for by product is mostly what went wrong: a small part of the table. A reason is set exactly with that.
CREATE INDEX device_message_undelivered ON device_message (product_key, device_name, sequence) WHERE reason IS NOT NULL;
