CREATE TABLE retained_message (
  shard      INTEGER NOT NULL,
  topic      TEXT    NOT NULL,
  payload    BLOB    NOT NULL,
  qos        INTEGER NOT NULL,
  properties BLOB    NOT NULL,
  stored_at  INTEGER NOT NULL,
  expires_at INTEGER NULL,
  PRIMARY KEY (shard, topic)
);

-- Receipts are deleted by their age, again and again: without this, each time costs a look at all of them.
CREATE INDEX broadcast_in_time ON broadcast (created_at);
