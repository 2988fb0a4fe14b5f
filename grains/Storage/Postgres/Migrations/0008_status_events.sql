-- What has happened to messages, a row a commit. Silos commit side by side, so numbers may become visible in another order than their own; transactions may not:
-- what a reader finds below all that are still under way stays as it is, and whoever writes after having read another's row has a later one.
CREATE TABLE status_event_page (
  transaction bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  page        bigint GENERATED ALWAYS AS IDENTITY,
  written_at  bigint NOT NULL,
  events      bytea  NOT NULL,
  PRIMARY KEY (transaction, page)
);

CREATE INDEX status_event_page_in_time ON status_event_page (written_at);

-- The last page that was deleted: whoever reads from before it has missed something.
CREATE TABLE status_event_deleted (
  is_row      boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (is_row),
  transaction bigint  NOT NULL,
  page        bigint  NOT NULL
);

INSERT INTO status_event_deleted (transaction, page) VALUES (0, 0);

-- URLs that status events are pushed to. Few; where they are changes again and again.
CREATE TABLE status_push (
  id        text COLLATE "C" NOT NULL PRIMARY KEY,
  content   text   NOT NULL, -- JSON
  position  text   NOT NULL, -- the event up to which all were taken
  parked_at bigint NULL,
  failure   text   NULL
) WITH (fillfactor = 50);
