-- Sessions that outlive their connections. Written with every connect and disconnect of such a client; no index looks at what changes.
CREATE TABLE session (
  shard         integer          NOT NULL,
  product_key   text COLLATE "C" NOT NULL,
  device_name   text COLLATE "C" NOT NULL,
  expiry        bigint           NOT NULL, -- microseconds after the end of a connection
  messages_max  integer          NOT NULL,
  bytes_max     bigint           NOT NULL,
  drops_oldest  boolean          NOT NULL,
  offline_since bigint           NULL,     -- none: it had a connection when this was written
  subscriptions text             NOT NULL, -- JSON
  received      text             NOT NULL, -- JSON
  will          text             NULL,     -- JSON
  will_due_at   bigint           NULL,
  PRIMARY KEY (shard, product_key, device_name)
) WITH (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.05
);

-- Rows come and go: what is dead is a large part of the table unless it is collected early.
CREATE TABLE session_message (
  shard       integer          NOT NULL,
  product_key text COLLATE "C" NOT NULL,
  device_name text COLLATE "C" NOT NULL,
  sequence    bigint           NOT NULL,
  topic       bytea            NOT NULL,
  payload     bytea            NOT NULL,
  properties  bytea            NOT NULL,
  qos         smallint         NOT NULL,
  is_retain   boolean          NOT NULL,
  identifiers bytea            NOT NULL,
  share       text             NULL,
  publish_id  bigint           NOT NULL,
  expires_at  bigint           NULL,
  is_released boolean          NOT NULL,
  PRIMARY KEY (shard, product_key, device_name, sequence)
) WITH (
  autovacuum_vacuum_scale_factor = 0.05
);
