-- What gateways are to do until further notice: bans and traces. Few, and read whole.
CREATE TABLE standing_order (
  id      text COLLATE "C" NOT NULL PRIMARY KEY,
  kind    text NOT NULL,
  content text NOT NULL -- JSON
);
