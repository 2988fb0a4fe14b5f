-- A new message is in no index, and neither is its end, until many of them are filed together, by device (MessageFiling): an entry for each of many devices is else a page for
-- every message, written to the log and again to the file. Until then they are found through memory.
DROP INDEX device_message_open;

DROP INDEX device_message_own_id;

DROP INDEX device_message_ended;

-- All that the start of a process needs to know of what is open, and who has something that expires.
CREATE TABLE message_open (
  expires_at  INTEGER NOT NULL,
  place       INTEGER NOT NULL,
  product_key TEXT    NOT NULL,
  device_name TEXT    NOT NULL,
  sequence    INTEGER NOT NULL,
  PRIMARY KEY (expires_at, place)
) WITHOUT ROWID;

CREATE TABLE message_ended (
  product_key TEXT    NOT NULL,
  device_name TEXT    NOT NULL,
  sequence    INTEGER NOT NULL,
  place       INTEGER NOT NULL,
  PRIMARY KEY (product_key, device_name, sequence)
) WITHOUT ROWID;

-- Of those that have ended. As long as a message is open, an id that its caller gave is found through memory.
CREATE TABLE message_own_id (
  product_key TEXT    NOT NULL,
  device_name TEXT    NOT NULL,
  message_id  TEXT    NOT NULL,
  place       INTEGER NOT NULL,
  PRIMARY KEY (product_key, device_name, message_id)
) WITHOUT ROWID;

-- One row: the place up to which every message has been filed.
CREATE TABLE message_filing (
  id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  place INTEGER NOT NULL
);

INSERT INTO message_open SELECT expires_at, place, product_key, device_name, sequence FROM device_message WHERE finished_at IS NULL ORDER BY expires_at, place;

INSERT OR IGNORE INTO message_ended SELECT product_key, device_name, sequence, place FROM device_message WHERE finished_at IS NOT NULL ORDER BY product_key, device_name, sequence;

INSERT OR IGNORE INTO message_own_id SELECT product_key, device_name, message_id, place FROM device_message WHERE finished_at IS NOT NULL AND has_own_id = 1
ORDER BY product_key, device_name, message_id;

INSERT INTO message_filing SELECT 1, coalesce(max(place), 0) FROM device_message;
