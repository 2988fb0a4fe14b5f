-- As long as a message is open, an id that its caller gave is found through memory (OpenRows): a page of this index would else be written for every message that comes.
DROP INDEX device_message_own_id;

CREATE UNIQUE INDEX device_message_own_id ON device_message (product_key, device_name, message_id) WHERE has_own_id = 1 AND finished_at IS NOT NULL;
