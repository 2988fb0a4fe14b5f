-- What has happened to messages, a row a commit; numbered without gaps, and never again with a number that was deleted.
CREATE TABLE status_event_page (
  page       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  written_at INTEGER NOT NULL,
  events     BLOB    NOT NULL
);

-- URLs that status events are pushed to. Few.
CREATE TABLE status_push (
  id        TEXT    NOT NULL PRIMARY KEY,
  content   TEXT    NOT NULL, -- JSON
  position  TEXT    NOT NULL, -- the event up to which all were taken
  parked_at INTEGER NULL,
  failure   TEXT    NULL
) WITHOUT ROWID;
