-- Times are microseconds since the Unix epoch. Keys compare by their bytes, whatever the database's own collation is: pages continue
-- after the last key of the one before, in the same order on every server.

CREATE TABLE product (
  product_key          text COLLATE "C" NOT NULL PRIMARY KEY,
  name                 text             NOT NULL,
  is_enabled           boolean          NOT NULL,
  is_registration_open boolean          NOT NULL,
  created_at           bigint           NOT NULL
);

CREATE TABLE device (
  product_key text COLLATE "C" NOT NULL,
  device_name text COLLATE "C" NOT NULL,
  secret      text             NOT NULL,
  is_enabled  boolean          NOT NULL,
  created_at  bigint           NOT NULL,
  PRIMARY KEY (product_key, device_name)
);

-- A row is written when its message is accepted, again when it is sent, again when it is final, and deleted once its history has been
-- kept long enough. Messages that are accepted together lie together and are sent together: the free half of each page lets all of them
-- change on their page, without touching an index, and is used again for what comes later. The table grows large, and by default a fifth of
-- it would have to change before its dead rows are collected: a fiftieth is early enough.
CREATE TABLE device_message (
  product_key        text COLLATE "C" NOT NULL,
  device_name        text COLLATE "C" NOT NULL,
  message_id         text COLLATE "C" NOT NULL,
  sequence           bigint           NOT NULL,
  name               text             NOT NULL,
  payload            bytea            NOT NULL,
  topic              text             NOT NULL,
  needs_subscription boolean          NOT NULL,
  qos                smallint         NOT NULL,
  created_at         bigint           NOT NULL,
  expires_at         bigint           NOT NULL,
  status             smallint         NOT NULL, -- 1 pending, 2 sent, 3 delivered, 4 timed out, 5 failed
  attempts           integer          NOT NULL,
  rounds             integer          NOT NULL,
  sent_at            bigint           NULL,
  finished_at        bigint           NULL,     -- set exactly when the status is final
  reason             text             NULL,
  PRIMARY KEY (product_key, device_name, message_id)
) WITH (
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);

-- Not the columns of the key in the key's order: before the first ANALYZE the planner would take this for as good a way to a single message as the key.
CREATE UNIQUE INDEX device_message_in_order ON device_message (device_name, sequence, product_key);

-- What is not final is a small part of the table, and the part that is asked for most. It is told by finished_at and not by the status,
-- which changes more often: a change of a column that an index looks at can not stay on its page.
CREATE INDEX device_message_open ON device_message (product_key, device_name, sequence) WHERE finished_at IS NULL;

CREATE INDEX device_message_expiring ON device_message (expires_at) WHERE finished_at IS NULL;

CREATE INDEX device_message_finished ON device_message (finished_at) WHERE finished_at IS NOT NULL;

-- A receipt is saved again while its broadcast runs; no index looks at what changes.
CREATE TABLE broadcast (
  message_id    bigint           NOT NULL PRIMARY KEY,
  product_key   text COLLATE "C" NOT NULL,
  topic         text             NULL,
  qos           smallint         NOT NULL,
  payload_bytes integer          NOT NULL,
  targeted      bigint           NOT NULL,
  written       bigint           NOT NULL,
  dropped       bigint           NOT NULL,
  unknown       bigint           NOT NULL,
  created_at    bigint           NOT NULL,
  completed_at  bigint           NULL
) WITH (fillfactor = 80);

CREATE INDEX broadcast_in_time ON broadcast (created_at);

-- A topic has up to 65,535 bytes, an index entry at most 2,704: the key is the topic's SHA-256.
-- A topic's message is replaced again and again, so that its dead versions are a large part of the table unless they are collected early.
CREATE TABLE retained_message (
  shard        integer          NOT NULL,
  topic_sha256 bytea            NOT NULL,
  topic        text COLLATE "C" NOT NULL,
  payload      bytea            NOT NULL,
  qos          smallint         NOT NULL,
  properties   bytea            NOT NULL,
  stored_at    bigint           NOT NULL,
  expires_at   bigint           NULL,
  PRIMARY KEY (shard, topic_sha256)
) WITH (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.05
);

-- One row a process that writes: which of its connections may, and the last batch that was committed. A process whose connection is lost
-- during a commit reads here whether that batch is durable, and shuts the lost connection out by taking the row over.
-- The row changes with every commit: on a page that is nearly empty, its old versions are cleared away by the next change.
CREATE TABLE store_writer (
  writer_id  uuid        NOT NULL PRIMARY KEY,
  session    bigint      NOT NULL,
  batch      bigint      NOT NULL,
  written_at timestamptz NOT NULL
) WITH (
  fillfactor = 10,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 1000
);
