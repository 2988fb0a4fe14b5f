-- What gateways are to do until further notice: bans and traces. Few, and read whole.
CREATE TABLE standing_order (
  id      TEXT NOT NULL PRIMARY KEY,
  kind    TEXT NOT NULL,
  content TEXT NOT NULL -- JSON
) WITHOUT ROWID;
